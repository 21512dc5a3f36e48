// What a message mentions, through the built command line, a real MCP server and the real formats on loopback.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { banyan, bare, serverBlock } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { PNG } from "../support/images.js";
import { startModelServer } from "../support/model-server.js";

it("files, images, resources, prompts and tools go with a message, the image of a result with that, and nothing that is piped in", async () => {
  const model = await startModelServer();
  onTestFinished(() => model.close());
  const here = bare(temporaryHome(), serverBlock("all", "server-everything"));
  writeFileSync(join(here.cwd, "notes.md"), "remember the milk");
  writeFileSync(join(here.cwd, "piped.md"), "must not be read");
  writeFileSync(join(here.cwd, "dot.png"), PNG);
  const env = { ...here.env, ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: model.origin };
  model.enqueue({ toolCalls: [{ id: "toolu_1", name: "all__get-tiny-image", arguments: {} }] }, { text: "I see." });
  const mentioned =
    "@notes.md @dot.png @all.demo://resource/static/document/features.md @prompt:all.simple-prompt @tool:all.echo @./gone";
  const args = [
    "-p",
    `look at ${mentioned}`,
    "--allow",
    "all.get-tiny-image",
    "--model",
    "anthropic:claude-sonnet-4-5",
  ];
  const ran = await banyan({ ...here, env }, args, "and a mail that says @piped.md\n");
  expect(ran).toMatchObject({
    code: 0,
    stdout: "I see.\n",
    stderr: expect.stringMatching(/^banyan: .*\.\/gone: there is no such file\n$/),
  });

  const sent = model.requests.filter(({ path }) => path === "/v1/messages").map(({ json }) => json);
  const image = (data: unknown) => ({ type: "image", source: { type: "base64", media_type: "image/png", data } });
  const asked = { role: "user", content: [{ type: "text", text: expect.any(String) }, image(PNG.toString("base64"))] };
  expect(sent[0]).toMatchObject({ messages: [asked] });
  const text = JSON.stringify(sent[0]);
  for (const part of [
    "remember the milk",
    'name=\\\\\\"all.demo://resource/static/document/features.md',
    "This is a simple prompt without arguments.",
    "The user wants the tool all.echo used",
    "[not attached: there is no such file]",
    "and a mail that says @piped.md",
  ])
    expect(text).toContain(part.replaceAll("\\\\\\", "\\"));
  expect(text).not.toContain("must not be read");

  const result = { type: "tool_result", content: expect.arrayContaining([image(expect.any(String))]) };
  expect(sent[1]).toMatchObject({ messages: [{}, {}, { role: "user", content: [result] }] });
  expect(JSON.stringify(sent[1])).toContain("saved as ");
});
