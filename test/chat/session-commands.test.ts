import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { names, startBanyan } from "../../src/application.js";
import type { ChatEvent, ChatWatcher, TranscriptItem } from "../../src/chat/events.js";
import type { Provider } from "../../src/llm/provider.js";
import { GenServer, type Pid } from "../../src/supervision/index.js";
import { chatOptions } from "../support/conversation.js";
import { temporaryHome } from "../support/home.js";

/** Keeps what it is told, as a screen does. */
class Screen extends GenServer<void, TranscriptItem[]> implements ChatWatcher {
  private idle: (() => void) | undefined;
  protected override init() {
    this.state = [];
  }
  chatEvent(event: ChatEvent) {
    if (event.type === "cleared") this.state = [];
    else if (event.type === "item") this.state.push(event.item);
    else if (event.type === "update")
      this.state = this.state.map((item) => (item.id === event.item.id ? event.item : item));
    else if (event.type === "idle") this.idle?.();
  }
  shown(): readonly TranscriptItem[] {
    return [...this.state];
  }
  onIdle(idle: () => void) {
    this.idle = idle;
  }
}

/** Answers what it was asked; "slow" not before it is let. */
let release = (): void => {};
const echo: Provider = {
  id: "echo",
  async *stream({ messages }) {
    const last = messages.at(-1);
    const said = last?.role === "user" ? last.text : "";
    yield { type: "text", delta: `you said ${said}` };
    if (said === "slow") await new Promise<void>((resolve) => (release = resolve));
    yield { type: "usage", inputTokens: 10, outputTokens: 5 };
  },
};

let home: string;
let screen: Pid<Screen>;

beforeEach(async () => {
  home = temporaryHome();
  const app = await startBanyan({
    ...(await chatOptions(home)),
    serversOf: () => ({ servers: [], problems: [] }),
    provider: echo,
    models: { fallback: [], list: async () => [], choose: async () => echo },
  });
  onTestFinished(() => app.stop());
  screen = await Screen.start();
  await names.chat.call.subscribe(screen);
});

async function say(text: string): Promise<void> {
  const over = new Promise<void>((resolve) => void screen.call.onIdle(resolve));
  await names.chat.call.submit(text);
  await over;
}

/** Runs a command and answers what it printed. */
async function run(line: string): Promise<string> {
  await names.chat.call.submit(line);
  const last = (await screen.call.shown()).at(-1);
  return last?.kind === "output" && last.title === line ? last.text : "";
}

const conversation = async (): Promise<string[]> =>
  (await screen.call.shown()).flatMap((item) => (item.kind === "user" || item.kind === "assistant" ? [item.text] : []));

describe("the chat's commands about conversations", () => {
  it("name one, begin another and go back to it, its messages on the screen again", async () => {
    await say("first");
    expect(await run("/save the first one")).toContain("`/resume the first one`");
    await names.chat.call.submit("/clear");
    await say("second");
    expect(await run("/sessions")).toMatch(/\| second \(this one\) \| 2 \|.*\n\| \w{8} \| the first one \| 2 \|/);
    expect(await run("/resume the first one")).toContain("Going on with **the first one**");
    expect(await conversation()).toEqual(["first", "you said first"]);
    await say("third");
    expect(await conversation()).toEqual(["first", "you said first", "third", "you said third"]);
    expect((await names.session.call.view()).name).toBe("the first one");
    expect(await run("/resume nope")).toContain("There is no conversation nope");
    expect(await run("/resume")).toContain("Write `/resume ID`");
  });

  it("fork one at a message: what comes after is in the copy alone", async () => {
    await say("first");
    await say("second");
    const { id } = await names.session.call.view();
    expect(await run("/fork 2")).toContain("2 messages");
    await say("another way");
    expect(await conversation()).toEqual(["first", "you said first", "another way", "you said another way"]);
    expect((await names.session.call.view()).id).not.toBe(id);
    await names.chat.call.submit(`/resume ${id}`);
    expect(await conversation()).toEqual(["first", "you said first", "second", "you said second"]);
    for (const odd of ["/fork 0", "/fork 5", "/fork x"]) expect(await run(odd)).toBe("Write `/fork N`, N from 1 to 4.");
  });

  it("change nothing while an answer is being written", async () => {
    await say("first");
    await names.chat.call.submit("/clear");
    const over = new Promise<void>((resolve) => void screen.call.onIdle(resolve));
    await names.chat.call.submit("slow");
    await expect.poll(conversation).toHaveLength(2);
    const { id } = await names.session.call.view();
    const [other] = (await run("/sessions")).match(/\b[0-9a-f]{8}\b(?=[^\n]*\| first \|)/) ?? [];
    for (const line of [`/resume ${other}`, "/fork", "/clear"]) {
      await names.chat.call.submit(line);
      const last = (await screen.call.shown()).at(-1);
      expect(last).toMatchObject({ text: expect.stringContaining("An answer is being written; press Esc first") });
    }
    expect((await names.session.call.view()).id).toBe(id);
    release();
    await over;
  });

  it("look back page by page, search, count, and export", async () => {
    for (let n = 1; n <= 13; n++) await say(`question ${n}`);
    const last = await run("/history");
    expect(last).toContain("| 26 | echo | you said question 13 |");
    expect(last).toMatch(/6 before: `\/history 7`$/);
    const first = await run("/history 7");
    expect(first).toContain("| 1 | you | question 1 |");
    expect(first).not.toContain("before:");
    expect(await run("/search question 13")).toMatch(/\| 26 \| assistant \|.*\n.*\| 25 \| user \|/);
    expect(await run("/search nothing")).toContain("Nothing was found");
    expect(await run("/stats")).toMatch(
      /- 26 messages: 13 of yours, 13 answers, 0 tool calls\n- 130 tokens in, 65 out/,
    );
    const { id } = await names.session.call.view();
    const file = join(home, `banyan-${id.slice(0, 8)}.md`);
    expect(await run("/export")).toBe(`26 messages are in \`${file}\`.`);
    expect(readFileSync(file, "utf8")).toContain("you said question 13");
    expect(await run("/export")).toContain("is there already");
    await run("/export talk.json");
    expect(JSON.parse(readFileSync(join(home, "talk.json"), "utf8")).messages).toHaveLength(26);
    expect(existsSync(join(home, "talk.md"))).toBe(false);
  });
});
