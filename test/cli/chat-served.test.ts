// A chat that programs connect to: the built program in a real terminal, the official client over HTTP, a model on loopback.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { banyan, cli, place } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { startModelServer } from "../support/model-server.js";
import { hearProgress, withProgress } from "../support/progress.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

const settings = "[bundled]\nhost = false\n[server]\nstdio = true\n";

interface Answer {
  readonly session?: string;
  readonly messages?: readonly { readonly role: string; readonly text: string }[];
}

describe.skipIf(!hasTmux)("a chat with server.http (needs tmux)", () => {
  it("is talked to by a client, which sees the answer grow, stops it, reads what was said, begins anew and has prompts", async () => {
    const model = await startModelServer();
    onTestFinished(() => model.close());
    const ours = `model = "openai:m"\n[providers.openai]\nbase_url = "${model.baseUrl}"\n${settings}http = true\nport = 0\n`;
    const here = place(temporaryHome(), ours);
    here.env.OPENAI_API_KEY = "k";
    const terminal = new RealTerminal(here, 200, 50);
    const listening = /Listening on (http:\/\/\S+\/mcp)\./;
    terminal.enter(`clear; ${process.execPath} ${cli}`);
    await expect.poll(() => terminal.screen()).toMatch(listening);
    // The terminal is the chat's, so the other way is left aside, and said to be.
    expect(terminal.screen()).toContain("server.stdio is left aside");
    const [, url = ""] = listening.exec(terminal.screen()) ?? [];
    const client = new Client({ name: "from-elsewhere", version: "1" });
    // Its types are not made for exactOptionalPropertyTypes.
    await client.connect(new StreamableHTTPClientTransport(new URL(url)) as Parameters<Client["connect"]>[0]);
    onTestFinished(() => client.close());
    const call = async (name: string, args: object = {}, options: Parameters<Client["callTool"]>[2] = {}) =>
      (await client.callTool({ name, arguments: { ...args } }, undefined, options)).structuredContent as Answer; // of these tools

    model.enqueue({ text: "It grows word by word.", deltas: 5 });
    const soFar = hearProgress(client);
    expect(await call("chat.send", { text: "how does it grow" }, withProgress)).toEqual({
      answer: "It grows word by word.",
    });
    expect(soFar.length).toBeGreaterThan(1);
    expect(soFar.at(-1)?.message).toBe("It grows word by word.");
    await expect.poll(() => terminal.screen()).toContain("It grows word by word.");

    model.enqueue({ text: "word ".repeat(2_000), deltas: 2_000, paceMs: 50 });
    const enough = new AbortController();
    const stopped = call(
      "chat.send",
      { text: "never end" },
      { signal: enough.signal, onprogress: () => enough.abort() },
    );
    await expect(stopped).rejects.toThrow();
    expect(await model.requests.at(-1)?.closed).toBe("dropped");
    model.enqueue({ text: "At once." });
    expect(await call("chat.send", { text: "and now" })).toEqual({ answer: "At once." });

    const { session, messages: texts = [] } = await call("chat.history");
    expect(texts.map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant", "user", "assistant"]);
    expect(texts[3]?.text.length).toBeLessThan(5_000);
    expect(texts.at(-1)).toMatchObject({ role: "assistant", text: "At once." });
    const begun = await call("chat.new_session");
    expect(begun).not.toMatchObject({ session });
    expect(await call("chat.history")).toEqual({ ...begun, messages: [] });

    const { prompts } = await client.listPrompts();
    const names = ["code_review", "explain", "refactor"];
    expect(prompts.slice(0, 3).map(({ name }) => name)).toEqual(names);
    for (const { description, arguments: args = [] } of prompts.slice(0, 3)) {
      expect(description).toBeTruthy();
      expect(args.map(({ description: about }) => about)).not.toContain(undefined);
    }
    const code = "a `${b}` and\n```\nfenced\n```";
    const { messages } = await client.getPrompt({ name: "code_review", arguments: { code, language: "TypeScript" } });
    expect(messages).toHaveLength(1);
    const [{ content } = { content: undefined }] = messages;
    expect(content?.type === "text" && content.text).toMatch(
      /^Review this TypeScript code .*\n(?:.*\n)*````typescript\n/,
    );
    expect(content?.type === "text" && content.text.endsWith(`${code}\n\`\`\`\``)).toBe(true);
    for (const name of names)
      await expect(client.getPrompt({ name })).rejects.toMatchObject({
        code: -32_602,
        data: { validation_errors: [name === "explain" ? "subject is missing" : "code is missing"] },
      });
    const ref = { type: "ref/prompt" as const, name: "explain" };
    const { completion } = await client.complete({ ref, argument: { name: "audience", value: "" } });
    expect(completion.values).toEqual([]);
    await expect(client.getPrompt({ name: "explian" })).rejects.toMatchObject({ data: { nearest: ["explain"] } });
  }, 120_000);
});

it("without a terminal and without a message, server.stdio = true makes banyan a server over stdin and stdout", async () => {
  const here = place(temporaryHome(), settings);
  const hello = {
    ...{ jsonrpc: "2.0", id: 1, method: "initialize" },
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "c", version: "1" } },
  };
  const { code, stdout } = await banyan(here, [], `${JSON.stringify(hello)}\n`);
  expect([code, JSON.parse(stdout).result.serverInfo.name]).toEqual([0, "banyan"]);
}, 60_000);
