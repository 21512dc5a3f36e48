// The one root of every error Banyan raises on purpose. `code` is stable and for programs, `message` says in one sentence
// what to do next and is for people, `cause` keeps what lay below. Programmer errors are not of this kind: they crash the
// process they happen in, and its supervisor answers.

/** Which part failed: `auth`, `protocol`, `routing`, `module` (somebody else's code: a tool, a server, a model) or `system`. */
export type ErrorKind = "auth" | "protocol" | "routing" | "module" | "system";

/** Root of Banyan's typed errors. */
export class BanyanError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;

  constructor(code: string, message: string, options: { kind?: ErrorKind; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.kind = options.kind ?? "system";
  }
}

/** The message of anything that was thrown, on one line. Anything can be thrown, also what cannot be made a text of. */
export function messageOf(thrown: unknown): string {
  try {
    const text = thrown instanceof Error ? thrown.message || thrown.name : thrown;
    return String(text)
      .replace(/\s*\n\s*/g, " ")
      .trim();
  } catch {
    return "something that cannot be shown was thrown";
  }
}
