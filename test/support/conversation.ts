// The whole application in this process, as a chat without a screen: a test types lines and reads what is shown.
import { onTestFinished } from "vitest";
import { type LoadRequest, loadConfig } from "../../src/actors/config/load.js";
import { resolvePaths } from "../../src/actors/paths.js";
import { type BanyanOptions, names, startBanyan } from "../../src/application.js";
import type { Answer, ChatEvent, ChatWatcher, Question, TranscriptItem } from "../../src/chat/events.js";
import { createOffline } from "../../src/llm/offline.js";
import { configuredServers } from "../../src/mcp/client/configured-servers.js";
import { GenServer } from "../../src/supervision/index.js";
import { BUSY_MACHINE } from "./busy-machine.js";
import { temporaryHome } from "./home.js";

class Watcher extends GenServer<(event: ChatEvent) => void> implements ChatWatcher {
  private told!: (event: ChatEvent) => void; // set by init
  protected override init(told: (event: ChatEvent) => void) {
    this.told = told;
  }
  chatEvent(event: ChatEvent) {
    this.told(event);
  }
}

export interface Conversation {
  readonly home: string;
  /** Types a line, answers the questions that come with `answers`, in order, and returns what is shown of it once it is over. */
  type(line: string, ...answers: readonly Answer[]): Promise<readonly TranscriptItem[]>;
  /** The same, as the text that a command printed last or that was noted last. */
  run(line: string, ...answers: readonly Answer[]): Promise<string>;
  /** All that is shown now. */
  shown(): Promise<readonly TranscriptItem[]>;
  /** What was asked so far. */
  readonly questions: readonly Question[];
}

/** What a chat without a screen is started with: the offline model and the default settings, with what `settings` adds. */
export async function chatOptions(home: string, settings: Partial<LoadRequest> = {}): Promise<BanyanOptions> {
  const paths = resolvePaths({ home, env: {}, platform: process.platform, cwd: home });
  const request = { files: paths.config, overrides: paths.overrides, env: BUSY_MACHINE, ...settings };
  const loaded = await loadConfig(request);
  if (!("ok" in loaded)) throw new Error(loaded.error.map(({ message }) => message).join("\n"));
  return {
    paths,
    request,
    loaded: loaded.ok,
    serversOf: (asked) => configuredServers(asked, {}),
    provider: createOffline(),
    models: { fallback: [], list: async () => [], choose: async () => createOffline() },
    project: home,
    resume: undefined,
    allow: [],
    interactive: true,
    longLived: false,
    screen: [],
    version: "0.0.0",
  };
}

/** The default settings, with what `settings` adds; files of the user's and stored settings are under `home`. */
export async function conversation(
  options: Partial<BanyanOptions> = {},
  settings: Partial<LoadRequest> = {},
): Promise<Conversation> {
  const home = temporaryHome();
  const app = await startBanyan({ ...(await chatOptions(home, settings)), ...options });
  onTestFinished(() => app.stop());
  const questions: Question[] = [];
  let left: Answer[] = [];
  let idle = (): void => {};
  const watcher = await Watcher.start((event) => {
    if (event.type === "idle") idle();
    if (event.type !== "question") return;
    questions.push(event.question);
    const answer = left.shift();
    if (answer !== undefined) names.chat.cast.answer(event.question.id, answer);
  });
  // Subscribed already, so this is where the conversation stands.
  const snapshot = () => names.chat.call.subscribe(watcher);
  await snapshot();

  async function type(line: string, ...answers: readonly Answer[]): Promise<readonly TranscriptItem[]> {
    const before = new Set((await snapshot()).items.map(({ id }) => id));
    left = [...answers];
    const over = new Promise<void>((resolve) => {
      idle = resolve;
    });
    await names.chat.call.submit(line);
    if ((await snapshot()).status.turn !== "idle") await over;
    return (await snapshot()).items.filter(({ id }) => !before.has(id));
  }

  async function run(line: string, ...answers: readonly Answer[]): Promise<string> {
    const last = (await type(line, ...answers)).findLast(({ kind }) => kind === "output" || kind === "notice");
    return last !== undefined && "text" in last ? last.text : "";
  }

  return { home, type, run, shown: async () => (await snapshot()).items, questions };
}
