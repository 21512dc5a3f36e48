// What `banyan/tool` is to the author of a tool. A tool is a module whose default export is a definition; `defineTool` gives the
// handler the types of its own schema and does nothing else.
import type { z } from "zod";

export { z } from "zod";
export { ToolError } from "../../tools/define.js";

/** What a handler gets besides its arguments. */
export interface ToolContext {
  /** Fires when the caller cancels or the time is over; pass it on to whatever waits. */
  readonly signal: AbortSignal;
  /** Tells the caller how far the work is; `done` must grow and be above 0. Cheap, and silent when nobody listens. */
  progress(done: number, total?: number, message?: string): void;
}

/** MCP's hints; what is not said is taken for the worst. */
export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** A text, several, or a whole MCP result. */
export type ToolOutput =
  | string
  | readonly string[]
  | {
      readonly content: readonly Readonly<Record<string, unknown>>[];
      readonly structuredContent?: Readonly<Record<string, unknown>>;
      readonly isError?: boolean;
    };

/** A call that is made before the tool is taken. Without `expect` it is enough that it does not fail. */
export interface ToolTest<Args> {
  readonly name?: string;
  readonly args: Args;
  /** The whole text, a part of it, or that the call fails. */
  readonly expect?: string | { readonly contains: string } | { readonly isError: true };
}

interface Common<Args, Given> {
  /** `snake_case`, as the file is named. */
  readonly name: string;
  /** What it does and when to use it: a model chooses by this. */
  readonly description: string;
  readonly annotations?: ToolAnnotations;
  /** Milliseconds of one call, within what the host allows. */
  readonly timeout?: number;
  handler(args: Args, context: ToolContext): ToolOutput | Promise<ToolOutput>;
  readonly tests?: readonly ToolTest<Given>[];
}

/** Its arguments by a zod object. */
export interface ZodTool<Input extends z.ZodObject> extends Common<z.output<Input>, z.input<Input>> {
  readonly input: Input;
}

/** Its arguments by a JSON Schema. */
export interface JsonSchemaTool extends Common<Record<string, unknown>, Record<string, unknown>> {
  readonly input: { readonly type: "object"; readonly [keyword: string]: unknown };
}

export function defineTool<Input extends z.ZodObject>(tool: ZodTool<Input>): ZodTool<Input>;
export function defineTool(tool: JsonSchemaTool): JsonSchemaTool;
export function defineTool(tool: unknown): unknown {
  return tool;
}
