// `banyan observe`: the supervision tree of a running app, live. When the app ends it says so and waits for the next.
import { setTimeout as sleep } from "node:timers/promises";
import {
  appSockets,
  askRunningApp,
  type Followed,
  followRunningApp,
  NothingRunningError,
} from "../actors/control/client.js";
import type { Intervened } from "../actors/control/interventions.js";
import type { Inspected } from "../actors/control/protocol.js";
import { platform } from "../actors/platform/index.js";
import { BanyanError, plainJson } from "../supervision/index.js";
import type { CommonOptions } from "./options.js";
import { pathsOf } from "./settings.js";

export interface ObserveOptions extends CommonOptions {
  readonly pid?: number;
}

/** Between two looks at the tree. */
const LOOK_MS = 1_000;
/** How often the next app is looked for. */
const SEARCH_MS = 300;

export async function observe(options: ObserveOptions): Promise<void> {
  const control = pathsOf(options).socket;
  const first = await followRunningApp(control, LOOK_MS, options.pid);
  if (options.json) return streamEvents(control, first);
  if (!process.stdout.isTTY || !process.stdin.isTTY || process.env.TERM === "dumb") {
    first.close();
    throw new BanyanError(
      "usage",
      "banyan observe draws on a terminal; use banyan observe --json or banyan tree here.",
    );
  }
  await watch(control, first);
}

async function watch(control: string, first: Followed): Promise<void> {
  const [{ Observer }, { detectTheme }] = await Promise.all([
    import("../ui/observe/observer.js"),
    import("../ui/abilities.js"),
  ]);
  let followed = first;
  let code: number | undefined;
  let failure: Error | undefined;
  const leave = (exitCode: number): void => {
    code ??= exitCode;
    followed.close();
  };
  for (const [signal, exitCode] of Object.entries(platform.endSignals)) process.on(signal, () => leave(exitCode));
  const observer = new Observer({
    stdin: process.stdin,
    stdout: process.stdout,
    theme: detectTheme(process.env, process.stdout),
    actions: {
      // The other side is this same program.
      inspect: async (process) =>
        (await askRunningApp(control, { method: "inspect", process }, followed.pid)) as Inspected,
      intervene: async (method, process) => {
        const now = (await askRunningApp(control, { method, process }, followed.pid)) as Intervened;
        return { said: `${now.name} is ${now.condition}.` };
      },
      quit: () => leave(0),
    },
    onError: (error) => {
      failure = error;
      leave(1);
    },
  });
  const connected = (): void => observer.view.connected(followed.pid, appSockets(control).length - 1);
  connected();
  observer.start();
  try {
    while (code === undefined) {
      for await (const event of followed.events) observer.view.take(event);
      if (code !== undefined) break;
      observer.view.gone();
      followed = (await nextApp(control, () => code !== undefined)) ?? followed;
      connected();
    }
  } finally {
    observer.stop();
  }
  if (failure !== undefined) throw failure;
  process.exitCode = code ?? 0;
}

/** One line an event, for programs. */
async function streamEvents(control: string, first: Followed): Promise<void> {
  let read = true;
  let followed: Followed | undefined = first;
  process.stdout.on("error", () => {
    read = false; // whoever read it is gone
    followed?.close();
  });
  while (read && followed !== undefined) {
    for await (const event of followed.events) await print(event);
    if (read) await print({ event: "gone", pid: followed.pid });
    followed = await nextApp(control, () => !read);
  }
}

function print(value: unknown): Promise<void> | undefined {
  if (process.stdout.write(`${plainJson(JSON.stringify(value))}\n`)) return undefined;
  return new Promise((resolve) => {
    process.stdout.once("drain", resolve);
    process.stdout.once("close", resolve);
  });
}

async function nextApp(control: string, over: () => boolean): Promise<Followed | undefined> {
  while (!over()) {
    try {
      return await followRunningApp(control, LOOK_MS);
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      // It may be just starting, or just ending.
      if (!(error instanceof NothingRunningError || error.code === "no_answer")) throw error;
      await sleep(SEARCH_MS);
    }
  }
  return undefined;
}
