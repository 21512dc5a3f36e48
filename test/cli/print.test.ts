import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { banyan, bare, cli, place, root, serverBlock } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { type ModelServer, startModelServer } from "../support/model-server.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

async function modelServer(): Promise<ModelServer> {
  const server = await startModelServer({ apiKey: "test-key" });
  onTestFinished(() => server.close());
  return server;
}

const withModel = ({ baseUrl }: ModelServer, more = "") => `
model = "openai:test-model"
${more}
[providers.openai]
base_url = "${baseUrl}"
`;

describe("banyan -p with the offline model", () => {
  it("answers a piped line, prints the answer alone, and exits 0", async () => {
    const { code, stdout, stderr } = await banyan(
      place(temporaryHome()),
      ["--yes", "--model", "offline"],
      "what is 6*7\n",
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("42");
  });

  it("prints the tool call, its arguments and its result as JSON", async () => {
    const here = bare(temporaryHome(), serverBlock("everything", "server-everything"));
    const args = ["-p", 'echo the text "hello banyan"', "--yes", "--output", "json", "--model", "offline"];
    const { code, stdout } = await banyan(here, args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      model: "offline",
      toolCalls: [
        {
          name: "everything.echo",
          arguments: { message: "hello banyan" },
          status: "done",
          result: "Echo: hello banyan",
        },
      ],
    });
  });

  it("takes what begins with a slash and is no command for a message, and runs a command to its end", async () => {
    const here = bare(temporaryHome());
    const path = await banyan(here, ["-p", "/etc/passwd what is this", "--model", "offline", "--json"]);
    expect(JSON.parse(path.stdout)).toMatchObject({ ok: true, answer: expect.stringMatching(/./) });
    expect(await banyan(here, ["-p", "/help"])).toMatchObject({ code: 0, stdout: expect.stringContaining("/servers") });
    const { stdout } = await banyan(here, ["-p", "/help", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, answer: expect.stringContaining("/servers") });
    for (const command of ["/quit", "/clear"]) expect(await banyan(here, ["-p", command])).toMatchObject({ code: 0 });
  });

  it("takes --json for --output json", async () => {
    const args = ["-p", "what is 6*7", "--yes", "--json", "--model", "offline"];
    const { stdout } = await banyan(place(temporaryHome()), args);
    expect(JSON.parse(stdout)).toMatchObject({ type: "result", ok: true });
  });

  it("streams events as JSON lines that end with the result", async () => {
    const args = ["-p", "what is 6*7", "--yes", "--output", "stream-json", "--model", "offline"];
    const { stdout } = await banyan(place(temporaryHome()), args);
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(["item", "delta", "update", "idle"]));
    expect(events.at(-1)).toMatchObject({ type: "result", ok: true });
  });

  it("refuses a tool that needs approval, says how to allow it, and exits 1", async () => {
    const here = place(temporaryHome());
    const refused = await banyan(here, ["-p", "list the files here", "--model", "offline"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("allow it with --allow host.list_directory or --yes");
    const allowed = await banyan(here, ["-p", "list the files here", "--model", "offline", "--allow", "host.list_*"]);
    expect(allowed.code).toBe(0);
  });

  it("shows the exact call when an argument is missing, and exits 1", async () => {
    const { code, stderr } = await banyan(place(temporaryHome()), ["-p", "read_file", "--yes", "--model", "offline"]);
    expect(code).toBe(1);
    expect(stderr).toContain('host.read_file needs path: write "host.read_file path=…"');
  });
});

describe("banyan -p with a model over HTTP", () => {
  it("runs parallel tool calls whose arguments came split over chunks, and shows the model their results", async () => {
    const server = await modelServer();
    server.enqueue(
      {
        text: "Let me see.",
        toolCalls: [
          { id: "a", name: "host__calculate", arguments: { expression: "6*7" } },
          { id: "b", name: "host__calculate", arguments: { expression: "2^10" } },
        ],
        deltas: 7,
        usage: { input: 11, output: 5 },
      },
      { text: "It is 42 and 1024.", usage: { input: 20, output: 8 } },
    );
    const here = place(temporaryHome(), withModel(server));
    here.env.OPENAI_API_KEY = "test-key";
    const { code, stdout } = await banyan(here, ["-p", "two sums please", "--yes", "--output", "json"]);
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ answer: "It is 42 and 1024.", usage: { inputTokens: 31, outputTokens: 13 } });
    expect(result.toolCalls.map((call: { result: string }) => call.result)).toEqual([
      expect.stringContaining("42"),
      expect.stringContaining("1024"),
    ]);
    const told = server.requests.at(-1)?.body?.messages.filter(({ role }) => role === "tool");
    expect(told?.map(({ tool_call_id }) => tool_call_id)).toEqual(["a", "b"]);
  });

  it("answers a call whose arguments are no JSON with an error the model can mend, and runs nothing", async () => {
    const server = await modelServer();
    server.enqueue(
      { toolCalls: [{ id: "a", name: "host__calculate", arguments: '{"expression": "6*' }] },
      { text: "Sorry." },
    );
    const here = place(temporaryHome(), withModel(server));
    here.env.OPENAI_API_KEY = "test-key";
    const { code, stdout } = await banyan(here, ["-p", "six times seven", "--yes", "--output", "json"]);
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 1,
      answer: "Sorry.",
      toolCalls: [{ status: "failed", result: expect.stringContaining("not a JSON object, so it was not run") }],
    });
  });

  it("tries again after 429 and 500 before the first word, and says so", async () => {
    const server = await modelServer();
    server.enqueue({ status: 429, retryAfter: 0 }, { status: 500 }, { text: "Here I am." });
    const here = bare(temporaryHome(), withModel(server));
    here.env.OPENAI_API_KEY = "test-key";
    const { code, stdout, stderr } = await banyan(here, ["-p", "hello"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "Here I am.\n" });
    expect(stderr.match(/Trying again/g)).toHaveLength(2);
  });

  it("asks again when the connection was cut in the middle of the answer, and prints each word once", async () => {
    const server = await modelServer();
    const text = "an answer in four pieces";
    server.enqueue({ text, deltas: 4, fault: { kind: "cut", afterDeltas: 2 } }, { text, deltas: 5 });
    const here = bare(temporaryHome(), withModel(server));
    here.env.OPENAI_API_KEY = "test-key";
    const { code, stdout, stderr } = await banyan(here, ["-p", "hello"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${text}\n` });
    expect(stderr).toContain("The answer of openai:test-model was cut off; it is asked for again.");
  });

  it("keeps the half answer of a connection that is cut whenever it is asked, marked, and exits 1", async () => {
    const server = await modelServer();
    const text = "half of an answer that never ends";
    server.defaultReply = { text, deltas: 4, fault: { kind: "cut", afterDeltas: 2 } };
    const here = bare(temporaryHome(), withModel(server));
    here.env.OPENAI_API_KEY = "test-key";
    const { code, stdout } = await banyan(here, ["-p", "hello", "--output", "json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      answer: expect.stringMatching(/^half of/),
      problems: [expect.any(String)],
    });
  });

  it("opens the breaker after five failures in a row and fails at once with a clear word", async () => {
    const server = await modelServer();
    server.defaultReply = { status: 503 };
    const here = bare(temporaryHome(), withModel(server, "[breaker]\nfailures = 2\n"));
    here.env.OPENAI_API_KEY = "test-key";
    const { code, stderr } = await banyan(here, ["-p", "hello"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/the model failed 2 times in a row .*; it is asked again in \d+ s/);
    expect(server.requests.filter(({ method }) => method === "POST")).toHaveLength(2);
  });

  it.skipIf(!hasTmux)(
    "on a terminal prints an answer without the codes that would act on it (needs tmux)",
    async () => {
      const server = await modelServer();
      server.enqueue({ text: "one \u001B[15;40Htwo \u009B2Jthree", deltas: 1 });
      const here = bare(temporaryHome(), withModel(server));
      here.env.OPENAI_API_KEY = "test-key";
      const terminal = new RealTerminal(here);
      terminal.enter(`${process.execPath} ${cli} -p hello`);
      await expect.poll(() => terminal.screen(), { interval: 50 }).toMatch(/^one two 2Jthree$/m);
    },
  );

  it("piped on, prints the answer exactly, but warnings on stderr never carry escape codes", async () => {
    const server = await modelServer();
    const answer = "one \u001B[31mred";
    const ask = { name: "bad__ask", arguments: { message: "your\u001B[31m\u009B name" } };
    server.enqueue({ toolCalls: [ask] }, { text: answer, deltas: 1 });
    const args = JSON.stringify([join(root, "test", "support", "hostile-server.mjs")]);
    const block = `[[servers]]\nname = "bad"\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${args}\n`;
    const here = bare(temporaryHome(), `${withModel(server)}${block}`);
    here.env.OPENAI_API_KEY = "test-key";
    const { stdout, stderr } = await banyan(here, ["-p", "hello", "--yes"]);
    expect(stdout).toBe(`${answer}\n`);
    expect(stderr).toBe('banyan: The server bad asked "your name", and nobody can be asked.\n');
  });

  it("never shows the key, whatever fails", async () => {
    const server = await modelServer();
    const here = bare(temporaryHome(), withModel(server));
    here.env.OPENAI_API_KEY = "wrong-key-do-not-show";
    const { code, stdout, stderr } = await banyan(here, ["-p", "hello", "--output", "stream-json"]);
    expect(code).toBe(1);
    expect(stdout + stderr).not.toContain("wrong-key-do-not-show");
  });
});
