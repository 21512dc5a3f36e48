// Why there is no answer. Each has a stable `code`, and a message that says what to do next.
import { BanyanError } from "../../../supervision/errors.js";

/** Nobody answers at the address, or not in time. The next call tries again. Code `unreachable`. */
export class UnreachableError extends BanyanError {
  constructor(url: string, why: string, cause?: unknown) {
    super("unreachable", `Banyan does not answer at ${url} (${why}); start it with banyan serve --http.`, {
      kind: "routing",
      cause,
    });
  }
}

/** Banyan is there and does not do what was asked. Code `refused`. */
export class RefusedError extends BanyanError {
  /** Of JSON-RPC: -32602 where the parameters are wrong; absent where HTTP alone refused. */
  readonly rpcCode: number | undefined;
  readonly status: number;
  /** One sentence for each parameter that is wrong. */
  readonly validationErrors: readonly string[];
  /** Milliseconds after which it may be asked again, where it was too much. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, why: Pick<RefusedError, "rpcCode" | "status" | "validationErrors" | "retryAfterMs">) {
    super("refused", message, { kind: why.status === 401 || why.status === 403 ? "auth" : "protocol" });
    this.rpcCode = why.rpcCode;
    this.status = why.status;
    this.validationErrors = why.validationErrors;
    this.retryAfterMs = why.retryAfterMs;
  }
}

/** Something else answers at the address. Code `not_banyan`. */
export class NotBanyanError extends BanyanError {
  constructor(url: string, why: string) {
    super("not_banyan", `What answers at ${url} is not Banyan (${why}); check the address.`, { kind: "protocol" });
  }
}
