// The framework as a program has it: built, for what is isolated loads it again on its own. Types come from the sources.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type * as Core from "../../../src/supervision/index.js";
import type * as Node from "../../../src/supervision/node/index.js";

const dist = new URL("../../../dist/supervision/", import.meta.url);

// What is built is what the sources say.
export const banyan = (await import(/* @vite-ignore */ new URL("index.js", dist).href)) as typeof Core;
export const node = (await import(/* @vite-ignore */ new URL("node/index.js", dist).href)) as typeof Node;

export interface Counter extends Core.GenServer<unknown, { count: number }> {
  increment(by?: number): number;
  later(by: number): Promise<number>;
  answerLater(): string;
  crash(): void;
  stray(): void;
  halt(reply: string): string;
  spin(): void;
  grow(): void;
  growBuffers(): void;
  untilCancelled(told?: unknown): Promise<void>;
  tick(): void;
  giveUp(ref: unknown, ms: number): Promise<void>;
  echo<T>(value: T): T;
  uncloneable(): unknown;
  pid(): number;
  exitNow(): void;
}

export interface Busy extends Core.GenServer<unknown, void> {
  ping(): string;
  hang(): Promise<void>;
  spin(): void;
  spinSoon(): void;
  work(ms: number): string;
  many(count: number, ms: number): void;
  crash(): void;
}

export interface Guest extends Core.GenServer<unknown, { seen: unknown[] }> {
  add(ref: unknown, by: number): number;
  addByName(name: string, by: number): number;
  castMany(ref: unknown, times: number): void;
  watch(ref: unknown): number;
  tie(ref: unknown): void;
  me(): Core.Pid<Guest>;
  seen(): unknown[];
  askBack(ref: unknown, ...args: unknown[]): unknown;
}

type Class<T> = (new () => T) & {
  readonly childSpec: Partial<Core.ChildSpec>;
  start(arg?: unknown, options?: Core.StartOptions<T>): Promise<Core.Pid<T>>;
};

export const fixtures = (await import(
  /* @vite-ignore */ new URL("./fixtures/workers.mjs", import.meta.url).href
)) as unknown as {
  Counter: Class<Counter>;
  Guest: Class<Guest>;
  Busy: Class<Busy>;
  NotByItsName: Class<Counter>;
  Lost: Class<Counter>;
  Homeless: Class<Counter>;
};

/** A program of its own. */
export interface Program {
  readonly child: ChildProcess;
  /** The first line it prints that passes, read as JSON. */
  said(test: (line: string) => boolean): Promise<string>;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; lines: string[]; stderr: string }>;
}

export function program(name: string, ...args: string[]): Program {
  const file = fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  let rest = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended: Program["ended"] = new Promise((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, lines, stderr })),
  );
  return {
    child,
    ended,
    said: (test) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const line = lines.find(test);
          if (line === undefined) return;
          listeners.delete(look);
          resolve(line);
        };
        listeners.add(look);
        look();
        void ended.then(() => reject(new Error(`the program ended first:\n${lines.join("\n")}\n${stderr}`)));
      }),
  };
}

/** True while a process runs; one that has ended and is only not yet waited for does not. */
export function runs(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Resolves when `test` is true; the test's own time-out is the limit. */
export async function eventually(test: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await test())) await new Promise((resolve) => setTimeout(resolve, 10));
}
