// What is said over the control socket: one JSON line asks; one line answers, or, to `follow`, one line for every event until
// either side ends. Both sides are this program, but anybody who may open the socket can write to it, so requests are checked.
import type { Socket } from "node:net";
import { z } from "zod";
import { BanyanError, type TreeNode } from "../../supervision/index.js";

const process = z.string().min(1).max(200);
const name = z.string().min(1).max(300);
const about = <Method extends string>(method: Method) => z.strictObject({ method: z.literal(method), process });

export const requestSchema = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("tree") }),
  z.strictObject({ method: z.literal("status") }),
  z.strictObject({ method: z.literal("metrics"), format: z.enum(["json", "prometheus"]) }),
  /** `process` is a name, a process id such as `<0.5>`, or the id in a child spec. */
  about("inspect"),
  about("restart"),
  about("suspend"),
  about("resume"),
  about("kill"),
  z.strictObject({ method: z.literal("servers") }),
  z.strictObject({ method: z.literal("tools") }),
  /** What is done to a server; `restart` without one is about a process. */
  z.strictObject({ method: z.literal("server"), action: z.enum(["connect", "disconnect", "restart"]), server: name }),
  /** One of the catalog's methods, which checks its parameters itself. */
  z.strictObject({ method: z.literal("catalog"), ask: name, params: z.record(z.string(), z.unknown()) }),
  z.strictObject({ method: z.literal("plugins") }),
  /** The plugin is started anew, with a debugger or without. */
  z.strictObject({ method: z.literal("plugin"), action: z.literal("restart"), plugin: name, debug: z.boolean() }),
  /** Answered by lines of progress and then the result; a caller that goes away cancels it. */
  z.strictObject({ method: z.literal("call"), tool: name, arguments: z.record(z.string(), z.unknown()) }),
  /** `interval`: milliseconds between two looks at the tree. */
  z.strictObject({ method: z.literal("follow"), interval: z.int().min(200).max(60_000).default(1_000) }),
]);

/** What a caller writes. */
export type Request = z.input<typeof requestSchema>;
/** A request that is answered once. */
export type Question = Exclude<z.output<typeof requestSchema>, { method: "follow" | "call" }>;
/** A tool to be run. */
export type ToolCall = Extract<z.output<typeof requestSchema>, { method: "call" }>;

/** How the program as a whole is. */
export interface AppFigures {
  readonly pid: number;
  readonly version: string;
  readonly cwd: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly rssBytes: number;
  /** Processor time so far, in milliseconds. */
  readonly cpuMs: number;
}

/** A report of the framework as plain data: without states and logs, its reason in words. */
export interface ToldReport {
  readonly kind: string;
  readonly at: number;
  readonly id: string;
  readonly name?: string;
  readonly reason?: string;
  readonly [field: string]: unknown;
}

export type FollowEvent =
  | { readonly event: "snapshot"; readonly at: number; readonly app: AppFigures; readonly tree: TreeNode }
  | { readonly event: "report"; readonly report: ToldReport }
  /** So many reports were left out, since the reader was too slow for them. */
  | { readonly event: "lost"; readonly count: number };

/** What `inspect` answers. */
export interface Inspected {
  readonly process: TreeNode;
  readonly supervisor: string;
  /** By name, or by class and id; at most 50. */
  readonly links?: readonly string[];
  /** As the class's `formatStatus` shows it, cut and without secrets. */
  readonly state?: unknown;
  /** Why there is no state. */
  readonly stateMissing?: string;
}

/** What is said between a call and its answer. */
export const progressSchema = z.strictObject({ progress: z.unknown() });

export const answerSchema = z.union([
  z.strictObject({ result: z.unknown() }),
  z.strictObject({ error: z.string(), code: z.string() }),
]);
export type Answer = z.infer<typeof answerSchema>;

/** The first line that comes over a connection; what follows it is let go. */
export function readLine(connection: Socket, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    connection.on("data", (chunk: Buffer) => {
      if (size > limit) return;
      chunks.push(chunk);
      size += chunk.length;
      if (chunk.includes(10)) resolve(Buffer.concat(chunks).toString("utf8").split("\n", 1)[0] ?? "");
      else if (size > limit) reject(tooLong(limit));
    });
    connection.on("error", reject);
    connection.on("close", () => reject(new BanyanError("no_answer", "The app ended before it answered; ask again.")));
  });
}

/** All lines that come over a connection, to its end; it is closed when the loop is left. */
export async function* linesOf(connection: Socket, limit: number): AsyncGenerator<string> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of connection as AsyncIterable<Buffer>) {
    let rest = chunk;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      yield Buffer.concat([...chunks, rest.subarray(0, end)]).toString("utf8");
      rest = rest.subarray(end + 1);
      chunks = [];
      size = 0;
    }
    chunks.push(rest);
    size += rest.length;
    if (size > limit) throw tooLong(limit);
  }
}

function tooLong(limit: number): BanyanError {
  return new BanyanError("line_too_long", `A line of more than ${limit} bytes came over the socket.`);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
