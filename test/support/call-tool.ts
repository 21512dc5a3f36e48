// Calls one bundled tool in this process, as its host would: arguments checked by its schema, expected failures as results. A bug
// of the tool is thrown. Fast, where a test needs no process.
import { type Tool, type ToolContext, ToolError } from "../../tools/define.js";

export interface Called {
  readonly isError: boolean;
  readonly texts: readonly string[];
  /** All text blocks, one a line. */
  readonly text: string;
}

const nobody = () => Promise.reject(new Error("nobody is asked here"));

export interface CallOptions {
  readonly root?: string;
  readonly signal?: AbortSignal;
  readonly timeMs?: number;
  readonly ask?: ToolContext["ask"];
}

export async function callTool(tool: Tool, args: unknown, options: CallOptions = {}): Promise<Called> {
  const { root = "/nonexistent", signal = new AbortController().signal, timeMs = 30_000, ask = nobody } = options;
  const limits = { timeMs, outputBytes: 1_000_000 };
  try {
    const output = await tool.handler(tool.input.parse(args), {
      root,
      signal,
      limits,
      progress() {},
      ask,
    });
    const texts = typeof output === "string" ? [output] : output;
    return { isError: false, texts, text: texts.join("\n") };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { isError: true, texts: [error.message], text: error.message };
  }
}
