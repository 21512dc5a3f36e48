// Every feature of the protocol's reference server, used as a user of the chat does: the application's whole tree with the server's
// real process, over each transport there is. One server and one chat for each transport.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { names } from "../../../src/application.js";
import type { Answer, Question, TranscriptItem } from "../../../src/chat/events.js";
import type { ServerConfigInput } from "../../../src/mcp/client/server-config.js";
import { startEverything } from "../client/remote-servers.js";
import { everything } from "../client/support.js";
import { ChatDriver } from "./chat-driver.js";

interface Running {
  readonly server: ServerConfigInput;
  stop(): Promise<void>;
}

async function remote(kind: "streamableHttp" | "sse"): Promise<Running> {
  const { url, kill } = await startEverything(kind);
  return { server: { name: "all", url }, stop: kill };
}

const stdio: ServerConfigInput = { name: "all", command: process.execPath, args: everything };

const transports: readonly { readonly name: string; start(): Promise<Running> }[] = [
  { name: "stdio", start: async () => ({ server: stdio, stop: async () => {} }) },
  { name: "streamableHttp", start: () => remote("streamableHttp") },
  { name: "sse", start: () => remote("sse") },
];

/** The card of the one tool that was called. */
function card(items: readonly TranscriptItem[]) {
  const found = items.filter((item) => item.kind === "tool");
  expect(found).toHaveLength(1);
  return found[0]?.call ?? { status: "none", result: "" };
}

/** What a slash command answered. */
function output(items: readonly TranscriptItem[]): string {
  const [found] = items.filter((item) => item.kind === "output");
  expect(items.filter((item) => item.kind === "notice")).toEqual([]);
  return found?.text ?? "";
}

const yes = (): Answer => ({ kind: "approval", decision: "once" });
const no = (): Answer => ({ kind: "approval", decision: "deny" });
const filled = (values: { readonly [key: string]: unknown }) => (): Answer => ({ kind: "form", values });

describe.each(transports)("over $name", ({ start }) => {
  let home: string;
  let chat: ChatDriver;
  let running: Running;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "banyan-everything-"));
    running = await start();
    chat = await ChatDriver.start(home, [running.server]);
  });

  afterAll(async () => {
    await chat.stop();
    await running.stop();
    rmSync(home, { recursive: true, force: true });
  });

  test("a tool answers", async () => {
    expect(card(await chat.say("all.echo message=hello"))).toMatchObject({ status: "done", result: "Echo: hello" });
    expect(card(await chat.say("all.get-sum a=2 b=40")).result).toContain("42");
  });

  test("a long operation shows its progress", async () => {
    const from = await chat.count();
    const call = card(await chat.say("all.trigger-long-running-operation duration=0.3 steps=3"));
    expect(call).toMatchObject({ status: "done", result: expect.stringContaining("Duration: 0.3 seconds, Steps: 3") });
    await chat.event(
      from,
      (event) =>
        event.type === "update" &&
        event.item.kind === "tool" &&
        event.item.call.progress?.value === 3 &&
        event.item.call.progress.total === 3,
    );
  });

  test("a long operation is cancelled by Esc, at once and down to the server", async () => {
    const from = await chat.count();
    const over = chat.say("all.trigger-long-running-operation duration=600 steps=2");
    await chat.event(
      from,
      (event) => event.type === "update" && event.item.kind === "tool" && event.item.call.status === "running",
    );
    await names.chat.call.cancel();
    expect(card(await over).status).toBe("interrupted");
    expect(card(await chat.say("all.echo message=next")).status).toBe("done");
  });

  test("structured content that keeps its promise is shown as it is", async () => {
    const { status, result } = card(await chat.say('all.get-structured-content location="Chicago"'));
    expect(status).toBe("done");
    expect(JSON.parse(result ?? "")).toEqual({ temperature: 36, conditions: "Light rain / drizzle", humidity: 82 });
  });

  test("an image is named, with the file it was saved as", async () => {
    const { result = "" } = card(await chat.say("all.get-tiny-image"));
    const [, file = ""] = /^\[image, image\/png, \d+ KB, saved as (.+\.png)\]$/m.exec(result) ?? [];
    expect(readFileSync(file).subarray(1, 4).toString()).toBe("PNG");
  });

  test("annotations of content do not hide it", async () => {
    const { result } = card(await chat.say('all.get-annotated-message messageType="error" includeImage=true'));
    expect(result).toMatch(/^Error: Operation failed\n\[image, image\/png/);
  });

  test("embedded resources are shown: text as it is, binary as a file", async () => {
    const text = card(await chat.say('all.get-resource-reference resourceType="Text" resourceId=7')).result;
    expect(text).toContain("Resource 7: This is a plaintext resource");
    const blob = card(await chat.say('all.get-resource-reference resourceType="Blob" resourceId=7')).result ?? "";
    const [, file = ""] = /\[binary resource \S+, text\/plain, \d+ bytes, saved as (.+)\]/.exec(blob) ?? [];
    expect(readFileSync(file, "utf8")).toContain("Resource 7: This is a base64 blob");
  });

  test("links to resources are shown, and can be read", async () => {
    const { result = "" } = card(await chat.say("all.get-resource-links count=2"));
    const [, uri] = /\[resource (\S+):/.exec(result) ?? [];
    expect(output(await chat.say(`/resource all.${uri}`))).toContain("demo://resource/dynamic/blob/1, text/plain");
  });

  test("resources and templates are listed, read by name, by address and by template, and saved", async () => {
    const list = output(await chat.say("/resources all"));
    expect(list).toContain("`all.architecture.md`");
    expect(list).toContain("demo://resource/dynamic/text/{resourceId}");
    expect(output(await chat.say("/resource all.architecture.md"))).toContain("# Everything Server");
    expect(output(await chat.say("/resource all.demo://resource/dynamic/text/3"))).toContain(
      "Resource 3: This is a plain",
    );
    expect(output(await chat.say("/resource all.Dynamic Text Resource resourceId=4"))).toContain("Resource 4: This");
    expect(output(await chat.say("/resource all.demo://resource/dynamic/blob/5"))).toMatch(
      /^\[binary resource demo:\S+, text\/plain, \d+ bytes\]\n\n`\/resource \S+ --save FILE` keeps it\.$/,
    );
    expect(output(await chat.say("/resource all.demo://resource/dynamic/blob/5 --save five.txt"))).toContain(
      "five.txt",
    );
    expect(readFileSync(join(home, "five.txt"), "utf8")).toContain("Resource 5: This is a base64 blob");
    const [again] = await chat.say("/resource all.demo://resource/dynamic/blob/5 --save five.txt");
    expect(again).toMatchObject({ level: "error", text: expect.stringContaining("choose another name") });
  });

  test("a resource the user subscribed to is told of when it changes, until it is not wanted any more", async () => {
    const uri = "demo://resource/dynamic/text/1";
    expect(output(await chat.say(`/subscribe all.${uri}`))).toContain("You are told when");
    const from = await chat.count();
    await chat.say("all.toggle-subscriber-updates");
    expect(await chat.notice(uri, from)).toContain("has changed");
    expect(output(await chat.say(`/unsubscribe all.${uri}`))).toContain("no more");
    await chat.say("all.toggle-subscriber-updates");
  });

  test("a prompt is said in the conversation, with its arguments and what it embeds", async () => {
    expect(output(await chat.say("/prompts"))).toContain("| `all.args-prompt` | city [state] |");
    const [simple] = await chat.say("/prompt all.simple-prompt");
    expect(simple).toMatchObject({ kind: "user", text: "This is a simple prompt without arguments." });
    const [args, answer] = await chat.say('/prompt all.args-prompt city="San Francisco" state=CA');
    expect(args).toMatchObject({ kind: "user", text: "What's weather in San Francisco, CA?" });
    expect(answer).toMatchObject({ kind: "assistant", model: "offline", status: "complete" });
    const [embedded] = await chat.say("/prompt all.resource-prompt resourceType=Text resourceId=9");
    expect(embedded).toMatchObject({ kind: "user", text: expect.stringContaining("Resource 9: This is a plaintext") });
    const [unknown] = await chat.say("/prompt all.args-prompt town=Rome");
    expect(unknown).toMatchObject({ level: "error", text: expect.stringContaining("its arguments are: city, state") });
  });

  test("a prompt's missing arguments are asked for, with what the server completes them to", async () => {
    const choices: unknown[] = [];
    const choose = (name: string, value: string) => (question: Question) => {
      const { properties } = (question.kind === "form" ? question.schema : {}) as {
        properties?: Record<string, object>;
      };
      choices.push(properties?.[name]);
      return filled({ [name]: value })();
    };
    const [said] = await chat.say("/prompt all.completable-prompt", [
      choose("department", "Sales"),
      choose("name", "Eve"),
    ]);
    expect(said).toMatchObject({ text: "Please promote Eve to the head of the Sales team." });
    expect(choices).toMatchObject([
      { enum: ["Engineering", "Sales", "Marketing", "Support"] },
      { enum: ["David", "Eve", "Frank"] },
    ]);
  });

  test("the line of a prompt is completed: its name, its arguments, and their values by the server", async () => {
    const completed = async (line: string): Promise<string[]> =>
      (await names.chat.call.complete(line)).map(({ name }) => name);
    // What a server offers besides tools is heard soon after it is up.
    await expect.poll(() => completed("/prompt all.com")).toEqual(["prompt all.completable-prompt"]);
    expect(await completed("/prompt all.completable-prompt ")).toEqual([
      "prompt all.completable-prompt department=",
      "prompt all.completable-prompt name=",
    ]);
    expect(await completed("/prompt all.completable-prompt department=Ma")).toEqual([
      "prompt all.completable-prompt department=Marketing",
    ]);
    expect(await completed("/prompt all.completable-prompt department=Support name=")).toEqual(
      ["John", "Kim", "Lee"].map((name) => `prompt all.completable-prompt department=Support name=${name}`),
    );
    await expect.poll(() => completed("/resource all.arch")).toEqual(["resource all.architecture.md"]);
    expect(await completed("/prompt nobody.x y=")).toEqual([]);
  });

  test("sampling is answered by the user's model after a yes, and not after a no", async () => {
    let asked: Question | undefined;
    const look = (question: Question): Answer => {
      asked = question;
      return yes();
    };
    const call = card(await chat.say('all.trigger-sampling-request prompt="say hello" maxTokens=50', [look]));
    expect(asked).toMatchObject({
      kind: "consent",
      title: "Let the server all ask offline?",
      details: {
        prompt: expect.stringContaining("say hello"),
        system: "You are a helpful test server.",
        "max tokens": 50,
      },
    });
    expect(call).toMatchObject({ status: "done", result: expect.stringContaining('"model": "offline"') });
    const refused = card(await chat.say('all.trigger-sampling-request prompt="once more"', [no]));
    expect(refused).toMatchObject({ status: "failed", result: expect.stringContaining("the user refused") });
  });

  test("a form of every kind of field is filled in, and can be declined and dismissed", async () => {
    const values = {
      name: "Ada",
      check: true,
      email: "ada@example.org",
      birthdate: "1815-12-10",
      integer: 7,
      number: 2.5,
      untitledMultipleSelectEnum: ["Piano", "Drums"],
      titledSingleSelectEnum: "hero-3",
    };
    const { result = "" } = card(await chat.say("all.trigger-elicitation-request", [filled(values)]));
    expect(result).toContain("User provided the requested information");
    expect(JSON.parse(result.slice(result.indexOf("Raw result: ") + 12))).toEqual({
      action: "accept",
      content: values,
    });
    for (const kind of ["declined", "dismissed"] as const) {
      const call = card(await chat.say("all.trigger-elicitation-request", [() => ({ kind })]));
      expect(call.result).toContain(kind === "declined" ? "User declined" : "User cancelled");
    }
  });

  test("a web page is shown whole and not opened after a no", async () => {
    let asked: Question | undefined;
    const refuse = (question: Question): Answer => {
      asked = question;
      return no();
    };
    const url = "https://example.org/sign-in?step=1";
    const call = card(await chat.say(`all.trigger-url-elicitation url="${url}"`, [refuse]));
    expect(asked).toMatchObject({ kind: "consent", details: { host: "example.org", address: url } });
    expect(asked).not.toHaveProperty("always");
    expect(call.result).toContain("User declined to open the URL");
  });

  test("a tool that needs a web page first says so, to the user and to the model", async () => {
    const call = card(await chat.say('all.trigger-url-elicitation url="https://example.org/" errorPath=true', [no]));
    expect(call.status).toBe("failed");
    expect(call.result).toContain("needs the user to visit https://modelcontextprotocol.io/ first");
    expect(call.result).toContain("call the tool again");
  });

  test("a tool that runs as a task shows how far it is, and Esc cancels the task", async () => {
    const from = await chat.count();
    const over = chat.say('all.simulate-research-query topic="banyans"');
    await chat.event(
      from,
      (event) => event.type === "update" && event.item.kind === "tool" && event.item.call.progress !== undefined,
    );
    await names.chat.call.cancel();
    expect(card(await over).status).toBe("interrupted");
  });

  test("the server knows the project's folder as its root", async () => {
    const { result } = card(await chat.say("all.get-roots-list"));
    expect(result).toContain(home);
  });

  test("what it logs is kept, and read with /notifications", async () => {
    await chat.say("all.get-roots-list"); // it logs that it got them
    expect(output(await chat.look("/notifications all log"))).toContain(
      "Roots updated: 1 root(s) received from client",
    );
  });
});

test("a task asks the user on its way, and its result is fetched when it is over", async () => {
  const home = mkdtempSync(join(tmpdir(), "banyan-everything-"));
  const chat = await ChatDriver.start(home, [stdio]);
  onTestFinished(async () => {
    await chat.stop();
    rmSync(home, { recursive: true, force: true });
  });
  let asked: Question | undefined;
  const choose = (question: Question): Answer => {
    asked = question;
    return filled({ interpretation: "snake" })();
  };
  const { status, result } = card(
    await chat.say('all.simulate-research-query topic="python" ambiguous=true', [choose]),
  );
  expect(asked).toMatchObject({ kind: "form", title: expect.stringContaining("python") });
  expect(status).toBe("done");
  expect(result).toContain("# Research Report: python (snake)");
});
