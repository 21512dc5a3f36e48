// What can go wrong between a call and a server. Callers decide by class and `code`; people read the message, which names the
// server and the next step. A tool that ran and failed is no error here: that is a ToolResult with `isError`.
import { BanyanError } from "../../supervision/errors.js";

/** The operating system would not start a server's command. */
export class SpawnError extends BanyanError {
  /** True when trying again unchanged cannot help: the command does not exist or may not be run. */
  readonly permanent: boolean;

  constructor(message: string, permanent: boolean, cause?: unknown) {
    super("server_spawn_failed", message, { kind: "module", cause });
    this.permanent = permanent;
  }
}

/** The connection ended while a call was under way. Nobody knows whether the tool has run. */
export class ServerLostError extends BanyanError {
  readonly server: string;
  /** True only if the tool is annotated read-only or idempotent, so that running it twice does no harm. */
  readonly safeToRetry: boolean;

  constructor(server: string, tool: string, reason: string, safeToRetry: boolean) {
    const next = safeToRetry
      ? "the call changes nothing, so it may be sent again"
      : "it may have taken effect, so check before you send it again";
    super("server_lost", `the server "${server}" was lost during "${tool}" (${reason}); ${next}`, { kind: "module" });
    this.server = server;
    this.safeToRetry = safeToRetry;
  }
}

/** Why a server at an address gave no answer that can be used. */
export type RemoteFailure =
  /** Nobody answers at its address. */
  | "server_unreachable"
  /** The connection stood and broke off; another may stand. */
  | "server_cut"
  /** It wants credentials, or others. */
  | "server_auth"
  /** It answers, but not as an MCP server does. */
  | "server_refused";

/** An HTTP exchange with a server at an address failed. */
export class RemoteError extends BanyanError {
  declare readonly code: RemoteFailure;
  /** True when trying again unchanged cannot help. */
  readonly permanent: boolean;
  /** The HTTP status, if it answered with one. */
  readonly status: number | undefined;
  /** The message without the server's name. */
  readonly reason: string;

  constructor(
    server: string,
    code: RemoteFailure,
    reason: string,
    options: { status?: number; permanent?: boolean; cause?: unknown } = {},
  ) {
    super(code, `the server "${server}" ${reason}`, {
      kind: code === "server_auth" ? "auth" : code === "server_refused" ? "protocol" : "module",
      cause: options.cause,
    });
    this.permanent = options.permanent ?? false;
    this.status = options.status;
    this.reason = reason;
  }
}

/** What to do about a server that is given up; undefined if its reason says that already, as that of a missing sign-in does. */
export function mendOf(server: string, reason: string | undefined): string | undefined {
  const isSaid = reason?.includes(`banyan servers login ${server}`) === true;
  return isSaid ? undefined : `mend the cause, then run: banyan servers restart ${server}`;
}

/** The server cannot take calls now. The call was not sent. */
/** The state of a wrapper that is not there any more, while another may be on its way. */
export const GONE = "gone";

export class ServerUnavailableError extends BanyanError {
  readonly server: string;
  /** The state of the connection, such as `backoff` or `parked`. */
  readonly state: string;
  readonly reason: string | undefined;
  /** Milliseconds until the next attempt to connect, if one is planned. */
  readonly retryInMs: number | undefined;

  constructor(server: string, state: string, reason: string | undefined, retryInMs: number | undefined) {
    const why = reason === undefined ? "" : `: ${reason}`;
    const next =
      retryInMs !== undefined
        ? `it is tried again in ${Math.ceil(retryInMs / 1000)} s`
        : reason === undefined // somebody wanted it so
          ? `to have it back: banyan servers connect ${server}`
          : mendOf(server, reason);
    const end = next === undefined ? "" : `; ${next}`;
    super("server_unavailable", `the server "${server}" is ${state}${why}${end}`, { kind: "routing" });
    this.server = server;
    this.state = state;
    this.reason = reason;
    this.retryInMs = retryInMs;
  }
}

/** The server did not answer in time. It was told to give up. */
export class CallTimeoutError extends BanyanError {
  constructor(server: string, what: string, timeoutMs: number) {
    const mend =
      what === "initialize"
        ? "run its command by hand to see what it waits for"
        : `raise servers.${server.replace(/~\d+$/, "")}.timeout if it needs longer`;
    super("call_timed_out", `"${what}" of the server "${server}" was not answered within ${timeoutMs} ms; ${mend}`, {
      kind: "module",
    });
  }
}

/** The caller gave up. The server was told. */
export class CallCancelledError extends BanyanError {
  constructor(server: string, what: string) {
    super("call_cancelled", `"${what}" of the server "${server}" was cancelled`, { kind: "module" });
  }
}

/** The server refused a request or answered against the protocol. */
export class ServerProtocolError extends BanyanError {
  /** The JSON-RPC error code, if the server sent one. */
  readonly rpcCode: number | undefined;
  readonly data: unknown;

  constructor(message: string, options: { rpcCode?: number; data?: unknown; cause?: unknown } = {}) {
    super("server_protocol", message, { kind: "protocol", cause: options.cause });
    this.rpcCode = options.rpcCode;
    this.data = options.data;
  }
}

/** Whoever was to answer a server's question refuses to; told to the server as a JSON-RPC error of this code. */
export class QuestionRefusedError extends BanyanError {
  constructor(
    readonly rpcCode: number,
    message: string,
    readonly data?: unknown,
  ) {
    super("question_refused", message, { kind: "routing" });
  }
}

/** A tool cannot run before the user has done something on a web page. */
export class VisitRequiredError extends BanyanError {
  constructor(server: string, tool: string, pages: string, visited: boolean) {
    const next = visited
      ? "it was opened for the user: once what is asked for there is done, call the tool again"
      : "the user did not open it; ask the user to, and call the tool again then";
    super("visit_required", `"${tool}" of the server "${server}" needs the user to visit ${pages} first; ${next}`, {
      kind: "module",
    });
  }
}

/** More is waiting to be sent to the server than it reads. */
export class ServerOverloadedError extends BanyanError {
  constructor(server: string, waiting: string) {
    super("server_overloaded", `the server "${server}" is overloaded: ${waiting}; send less at a time or try later`, {
      kind: "routing",
    });
  }
}

/** No connected server has this tool, resource or prompt, or there is no such server. */
export class UnknownNameError extends BanyanError {
  constructor(message: string) {
    super("unknown_name", message, { kind: "routing" });
  }
}

/** The tool is not the one its caller knew. The call was not sent. */
export class ToolChangedError extends BanyanError {
  constructor(server: string, tool: string) {
    super(
      "tool_changed",
      `"${tool}" of the server "${server}" has changed since it was listed, so it was not run; look at it with banyan tools show ${server}.${tool} and call it again`,
      { kind: "routing" },
    );
  }
}

/** A server's settings are wrong; the message names the field. */
export class ServerConfigError extends BanyanError {
  constructor(message: string) {
    super("server_config", message, { kind: "system" });
  }
}
