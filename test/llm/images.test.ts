// What goes with messages as each API is sent it: the servers on loopback refuse what the real ones would.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAnthropic } from "../../src/llm/anthropic.js";
import type { EndpointOptions } from "../../src/llm/endpoint.js";
import { createOllama } from "../../src/llm/ollama.js";
import { createOpenAI } from "../../src/llm/openai.js";
import { createOpenAICompatible } from "../../src/llm/openai-compatible.js";
import type { ModelRequest, Provider } from "../../src/llm/provider.js";
import { PNG } from "../support/images.js";
import { type ModelServer, startModelServer } from "../support/model-server.js";
import { collect, never } from "./collect.js";

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.close());

const base64 = PNG.toString("base64");
const url = `data:image/png;base64,${base64}`;
const image = { name: "dot.png", mimeType: "image/png", data: new Uint8Array(PNG) };
const request: ModelRequest = {
  messages: [
    { role: "user", text: "What is this?", attached: [{ name: 'a "b".md', text: "# Title" }], images: [image] },
    { role: "assistant", text: "", toolCalls: [{ id: "c1", name: "camera.shoot", arguments: {} }] },
    {
      role: "tool",
      callId: "c1",
      tool: "camera.shoot",
      text: "[image, saved as x.png]",
      isError: false,
      images: [image],
    },
  ],
  tools: [{ name: "camera.shoot", description: "", inputSchema: { type: "object" } }],
};
const said = 'What is this?\n\n<attached name="a \\"b\\".md">\n# Title\n</attached>';

const rows: [string, (options: EndpointOptions) => Provider, string, object][] = [
  [
    "Anthropic's Messages",
    createAnthropic,
    "claude-sonnet-4-5",
    {
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: said },
            { type: "image", source: { type: "base64", media_type: "image/png", data: base64 } },
          ],
        },
        {},
        {
          role: "user",
          content: [
            {
              type: "tool_result",
              content: [{ type: "text" }, { type: "image", source: { media_type: "image/png", data: base64 } }],
            },
          ],
        },
      ],
    },
  ],
  [
    "OpenAI's Responses",
    createOpenAI,
    "gpt-4.1",
    {
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: said },
            { type: "input_image", image_url: url },
          ],
        },
        { type: "function_call" },
        { type: "function_call_output", output: [{ type: "input_text" }, { type: "input_image", image_url: url }] },
      ],
    },
  ],
  [
    "chat completions, where a result is one text",
    createOpenAICompatible,
    "llava",
    {
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: said },
            { type: "image_url", image_url: { url } },
          ],
        },
        {},
        { role: "tool", content: "[image, saved as x.png]" },
      ],
    },
  ],
  [
    "Ollama's chat, where a result is one text",
    createOllama,
    "llava",
    {
      messages: [
        { role: "user", content: said, images: [base64] },
        {},
        { role: "tool", content: "[image, saved as x.png]" },
      ],
    },
  ],
];

test.each(rows)("texts and images go with messages and results: %s", async (_, create, model, wire) => {
  const baseUrl = create === createOpenAI || create === createOpenAICompatible ? server.baseUrl : server.origin;
  const { thrown, text } = await collect(
    create({ id: `p:${model}`, model, baseUrl, apiKey: "k" }).stream(request, never),
  );
  expect(thrown).toBeUndefined();
  expect(text).toBe("This is a scripted answer.");
  expect(server.requests.at(-1)?.json).toMatchObject(wire);
});

test("an Ollama model sees images if Ollama says so, and is tried where it does not say", async () => {
  server.sighted.add("llava");
  const sees = (model: string, baseUrl = server.origin) =>
    createOllama({ id: `ollama:${model}`, model, baseUrl }).seesImages?.();
  expect(await sees("llava")).toBe(true);
  expect(await sees("llama3")).toBe(false);
  expect(await sees("llava", "http://127.0.0.1:1")).toBe(true);
});

test("OpenAI's models that see no images are known by their names", async () => {
  const sees = (model: string) => createOpenAI({ id: model, model, baseUrl: server.baseUrl }).seesImages?.();
  expect(await Promise.all(["gpt-5", "gpt-4o", "o3", "gpt-4.1-mini"].map(sees))).toEqual([true, true, true, true]);
  expect(await Promise.all(["gpt-3.5-turbo", "gpt-4", "o3-mini"].map(sees))).toEqual([false, false, false]);
});
