// What a bundled tool is: one name, one description a model chooses by, one zod schema and one handler. A tool knows neither
// MCP nor the process it runs in; all it may touch comes in its context. A handler that cannot do what was asked throws a
// `ToolError`, whose sentence is shown to the model as it stands; any other throw is a bug of the tool.
import type { z } from "zod";

/** Bounds that the host puts on one call. */
export interface ToolLimits {
  /** Milliseconds after which the host aborts `signal`. */
  readonly timeMs: number;
  /** Bytes of text after which the host cuts a result. */
  readonly outputBytes: number;
}

/** Everything a handler may use of the outside. */
export interface ToolContext {
  /** The real path (no symlinks) of the one folder that file tools may touch. */
  readonly root: string;
  /** Fires when the caller cancels or the time is over; pass it on to whatever waits. */
  readonly signal: AbortSignal;
  readonly limits: ToolLimits;
  /** Tells the caller how far the work is; `done` must grow. Cheap, and silent when nobody listens. */
  progress(done: number, total?: number, message?: string): void;
  /**
   * Asks the one who started this process for what the sandbox keeps from it, such as `ask("git.status", { … })`. The answer is
   * JSON from outside: check it. Rejects with a `ToolError` where the question is refused or nobody is there to answer.
   */
  ask(what: string, args: object): Promise<unknown>;
}

/** What a tool cannot do without, beyond computing: what its process is granted, or what it has to ask for. */
export type Need = "files:read" | "files:write" | "network" | "git" | "processes" | "disk" | "sqlite";

/** MCP's hints, all of them said: a client decides by them what to ask the user about. */
export interface ToolAnnotations {
  readonly title: string;
  readonly readOnlyHint: boolean;
  readonly idempotentHint: boolean;
  readonly destructiveHint: boolean;
  readonly openWorldHint: boolean;
}

/** The text of a result: one string, or the content first and then remarks about it, each a text block of its own. */
export type ToolOutput = string | readonly string[];

export interface Tool<Shape extends z.ZodRawShape = z.ZodRawShape> {
  /** What callers type: `snake_case`, unique in its server. */
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodObject<Shape>;
  readonly annotations: ToolAnnotations;
  /** Absent: it only computes. */
  readonly needs?: readonly Need[];
  handler(args: z.output<z.ZodObject<Shape>>, context: ToolContext): ToolOutput | Promise<ToolOutput>;
}

/** An expected failure of a tool. The message is one sentence that says what to do instead. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** Types a definition from its own schema. */
export function defineTool<Shape extends z.ZodRawShape>(tool: Tool<Shape>): Tool<Shape> {
  return tool;
}
