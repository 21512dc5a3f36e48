// What can be said on the command line, and what the exit code says back. Scripts rely on both.

export const exitCodes = { done: 0, failed: 1, usage: 2, config: 3, nothingRunning: 4, interrupted: 130 } as const;

/** The options every command takes. */
export interface CommonOptions {
  readonly config?: string;
  readonly home?: string;
  readonly json?: boolean;
  readonly logLevel?: string;
  readonly debug?: boolean;
  /** Of the chat alone. */
  readonly screenReader?: boolean;
}

export interface ChatCommandOptions extends CommonOptions {
  readonly print?: string | true;
  /** Unset: text, or JSON with `--json`. */
  readonly output?: "text" | "json" | "stream-json";
  readonly allow?: string[];
  readonly yes?: boolean;
  readonly model?: string;
  readonly resume?: string | true;
  readonly profileStartup?: boolean;
}
