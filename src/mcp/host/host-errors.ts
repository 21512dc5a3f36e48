// Why a call of a tool of the host got no answer of the tool. The model reads the message; programs decide by `code`.
import { BanyanError } from "../../supervision/errors.js";

/** The tool did not end in its time. Its work was stopped, or its process was. */
export class ToolTimeoutError extends BanyanError {
  constructor(tool: string, timeoutMs: number, hung: boolean) {
    const how = hung ? "it hung, so its process was ended" : "it was told to stop";
    const mend = "ask for less at a time, or raise toolhost.call_timeout";
    super("tool_timeout", `${tool} did not answer within ${timeoutMs / 1_000} s; ${how}: ${mend}`, { kind: "module" });
  }
}

/** The process that ran the tool ended before the tool had answered. */
export class ToolHostLostError extends BanyanError {
  constructor(
    tool: string,
    reason: string,
    /** `none`: the tool says that it changes nothing, or the same thing each time. */
    readonly effect: "none" | "unknown",
  ) {
    const next =
      effect === "none" ? "it may be called again" : "it may have taken effect, so check before you call it again";
    super("tool_host_lost", `the process that ran ${tool} was lost (${reason}); ${next}`, { kind: "module" });
  }
}

/** There was no process to run the tool in, for all of its time. It has not run. */
export class ToolHostDownError extends BanyanError {
  constructor(tool: string, trouble: string | undefined) {
    const why =
      trouble === undefined ? "its process has not come up in time" : `its process does not come up: ${trouble}`;
    super("tool_host_down", `${tool} was not run, since ${why}; it is tried again, so call later`, { kind: "routing" });
  }
}

export class ToolUnknownError extends BanyanError {
  constructor(tool: string) {
    super("unknown_name", `No tool is named "${tool.slice(0, 100)}"; list the tools to see their names.`, {
      kind: "routing",
    });
  }
}

/** The caller gave up. */
export class ToolCancelledError extends BanyanError {
  constructor(tool: string) {
    super("call_cancelled", `${tool} was cancelled`, { kind: "module" });
  }
}
