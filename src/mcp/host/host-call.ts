// One call of a tool on its way through the tool host: who wants it, by when, and how far it has come.
import type { From, Ref } from "../../supervision/index.js";
import type { ToolResult } from "../client/mcp-types.js";
import type { ProgressWatcher } from "../client/tool-work.js";

export interface ToolAsked {
  /** The front that the call came by: the id of its process. */
  readonly front: string;
  /** Names the call for `cancel` and progress; unique among those of its front. */
  readonly callId: string;
  readonly tool: string;
  /** Who calls, for the history of the tools. */
  readonly by: string;
  readonly args: { readonly [key: string]: unknown };
  readonly progress?: Ref<ProgressWatcher> | undefined;
}

export class HostCall {
  /** Its handler has been entered, so that nobody knows what it has done if it does not answer. */
  begun = false;
  /** When it was, among all calls; the last to begin is the first to be suspected. */
  begunAs = 0;
  /** How often it was sent again after a process it had begun in was lost. */
  repeats = 0;
  /** By the monotonic clock. Progress sets it anew. */
  deadline: number;
  /** Beyond this it gets no more time. */
  private readonly last: number;

  constructor(
    /** Unique in the tool host. */
    readonly id: string,
    readonly asked: ToolAsked,
    readonly from: From<ToolResult>,
    /** Whether running it twice does no harm. */
    readonly safeToRetry: boolean,
    readonly timeoutMs: number,
  ) {
    this.deadline = performance.now() + timeoutMs;
    this.last = this.deadline + MOST_MORE;
  }

  get tool(): string {
    return this.asked.tool;
  }

  moved(): void {
    this.deadline = Math.min(this.last, performance.now() + this.timeoutMs);
  }
}

/** A tool that shows progress for ever does not run for ever. */
const MOST_MORE = 600_000;
