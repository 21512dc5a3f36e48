// Talking to the running apps of this user: which there are, asking one, and following one. A socket whose app is gone (it was
// killed) is cleared away by whoever finds it.
import { rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { BanyanError } from "../../supervision/index.js";
import { platform } from "../platform/index.js";
import type { AppSocket } from "../platform/platform.js";
import {
  answerSchema,
  type FollowEvent,
  linesOf,
  parseJson,
  progressSchema,
  type Question,
  type Request,
  readLine,
  type ToolCall,
} from "./protocol.js";

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** An app that lives answers at once; one that restarts something takes as long as that. */
const ANSWER_MS = 5_000;
const ACTION_MS = 20_000;
const ACTIONS: readonly Question["method"][] = [
  "restart",
  "suspend",
  "resume",
  "kill",
  "inspect",
  "server",
  "plugin",
  "tools",
];

/** Nothing runs that could answer. */
export class NothingRunningError extends BanyanError {
  constructor(pid?: number) {
    super(
      "nothing_running",
      pid === undefined
        ? "No Banyan is running here; start one with banyan, or name its folder with --home DIR."
        : `No Banyan with the pid ${pid} is running here; leave --pid out for the newest.`,
    );
  }
}

/** The sockets of this user's apps, the newest first. Whether an app is behind each shows when it is asked. */
export function appSockets(control: string, pid?: number): AppSocket[] {
  const found = platform.appSockets(control).filter((app) => pid === undefined || app.pid === pid);
  return found.sort((a, b) => b.since - a.since || b.pid - a.pid);
}

/** Asks the newest running app, or the one with this pid. Throws {@link NothingRunningError} if none answers, and a
 * `BanyanError` with the app's own code when it refuses. */
export function askRunningApp(control: string, question: Question, pid?: number): Promise<unknown> {
  return firstAlive(control, pid, async ({ socket }) => {
    const connection = await open(socket, question, ACTIONS.includes(question.method) ? ACTION_MS : ANSWER_MS);
    const line = await readLine(connection, MAX_ANSWER_BYTES);
    connection.destroy();
    return answerOf(line);
  });
}

/** Runs a tool in the newest running app. An abort ends the call there, down to the server. Throws as {@link askRunningApp} does. */
export function callThroughApp(
  control: string,
  call: Omit<ToolCall, "method">,
  onProgress: (progress: unknown) => void,
  signal: AbortSignal,
): Promise<unknown> {
  return firstAlive(control, undefined, async ({ socket }) => {
    const connection = await open(socket, { method: "call", ...call }, ANSWER_MS);
    connection.setTimeout(0); // the app watches the call's deadline
    const leave = (): void => void connection.destroy();
    signal.addEventListener("abort", leave, { once: true });
    try {
      if (signal.aborted) leave();
      for await (const line of linesOf(connection, MAX_ANSWER_BYTES)) {
        const told = progressSchema.safeParse(parseJson(line));
        if (!told.success) return answerOf(line);
        onProgress(told.data.progress);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", leave);
    }
    throw signal.aborted ? new BanyanError("call_cancelled", `${call.tool} was cancelled.`) : ended(socket);
  });
}

/** An app that is followed: what it tells, until it ends or the caller leaves the loop. */
export interface Followed extends AppSocket {
  readonly events: AsyncGenerator<FollowEvent>;
  /** Ends the events at once, also while the next is waited for. */
  close(): void;
}

/** Follows the newest running app, or the one with this pid. Throws {@link NothingRunningError} if none answers. */
export function followRunningApp(control: string, interval: number, pid?: number): Promise<Followed> {
  return firstAlive(control, pid, async (app) => {
    const connection = await open(app.socket, { method: "follow", interval }, ANSWER_MS);
    const lines = linesOf(connection, MAX_ANSWER_BYTES);
    // The first line comes at once, or says why there will be none.
    const first = await lines.next();
    if (first.done) throw ended(app.socket);
    connection.setTimeout(0);
    return { ...app, events: eventsOf(first.value, lines), close: () => void connection.destroy() };
  });
}

async function* eventsOf(first: string, lines: AsyncGenerator<string>): AsyncGenerator<FollowEvent> {
  yield eventOf(first);
  try {
    for await (const line of lines) yield eventOf(line);
  } catch (error) {
    // An app that was killed leaves its connections in disorder; for the reader it is an end like any other.
    if (error instanceof BanyanError) throw error;
  }
}

function eventOf(line: string): FollowEvent {
  const event = parseJson(line);
  // The other side is this same program, and its answer came over a socket only its owner can open.
  if (typeof event === "object" && event !== null && "event" in event) return event as FollowEvent;
  answerOf(line);
  throw new BanyanError("protocol", "The app speaks another version's language; update Banyan and start it again.");
}

function answerOf(line: string): unknown {
  const answer = answerSchema.safeParse(parseJson(line));
  if (!answer.success) {
    throw new BanyanError("protocol", "The app speaks another version's language; update Banyan and start it again.");
  }
  if ("error" in answer.data) throw new BanyanError(answer.data.code, answer.data.error, { kind: "protocol" });
  return answer.data.result;
}

async function firstAlive<T>(
  control: string,
  pid: number | undefined,
  use: (app: AppSocket) => Promise<T>,
): Promise<T> {
  for (const app of appSockets(control, pid)) {
    try {
      return await use(app);
    } catch (error) {
      const code = codeOf(error);
      // The system had taken the connection for an app that was just ending.
      if (code === "ECONNRESET" || code === "EPIPE") throw ended(app.socket);
      if (!isDead(code)) throw error;
      rmSync(app.socket, { force: true });
    }
  }
  throw new NothingRunningError(pid);
}

/** True of what a socket says that has nobody behind it. */
export function isDead(code: unknown): boolean {
  return code === "ECONNREFUSED" || code === "ENOENT";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function open(socket: string, request: Request, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    connection.once("error", reject);
    connection.setTimeout(timeoutMs, () => {
      const text = `The app behind ${socket} did not answer in ${timeoutMs / 1_000} s; if it hangs, end it and go on with banyan --resume.`;
      connection.destroy(new BanyanError("no_answer", text));
    });
    connection.once("connect", () => {
      connection.write(`${JSON.stringify(request)}\n`);
      resolve(connection);
    });
  });
}

function ended(socket: string): BanyanError {
  return new BanyanError("no_answer", `The app behind ${socket} ended before it answered; ask again.`);
}
