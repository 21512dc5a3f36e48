// The narrow port: what the bundled tools' process, which may start no program and load no native code, has the primary do for it. Every
// question is one of this table; its arguments are checked, it only reads, and what it may take of time and text is bounded
// in the file that answers it. All of it runs in programs of its own or waits for the system, never on the primary's thread.
import { realpath } from "node:fs/promises";
import type { z } from "zod";
import type { AskPrimary } from "../../client/primary-ask.js";
import { PortError } from "./port-error.js";

export interface PortContext {
  /** The real path of the one folder that questions may be about. */
  readonly project: string;
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** One kind of question. */
export interface PortAnswerer<Args> {
  readonly args: z.ZodType<Args>;
  readonly answer: (args: Args, context: PortContext) => Promise<Record<string, unknown>>;
}

type Asked = (args: unknown, context: PortContext) => Promise<Record<string, unknown>>;

/** Loaded with the first question, for few sessions ask any. */
const questions: Readonly<Record<string, () => Promise<Asked>>> = {
  "disk.file_systems": async () => checked((await import("./disk.js")).fileSystems),
  "processes.list": async () => checked((await import("./processes.js")).listProcesses),
  "sqlite.query": async () => checked((await import("./sqlite.js")).sqliteQuery),
  "git.status": async () => checked((await import("./git.js")).gitStatus),
  "git.log": async () => checked((await import("./git.js")).gitLog),
  "git.diff": async () => checked((await import("./git.js")).gitDiff),
};

/** Answers the questions of the bundled set about `project`, an absolute path. Rejects with a {@link PortError}, or with the
 * signal's reason. */
export function primaryPort({ project }: { readonly project: string }): AskPrimary {
  return async (what, args, signal) => {
    const question = Object.hasOwn(questions, what) ? questions[what] : undefined;
    if (question === undefined) throw new PortError(`Nothing named "${what}" can be asked of the primary.`);
    const answer = await question();
    signal.throwIfAborted();
    return answer(args, { project: await realpath(project), signal });
  };
}

function checked<Args>({ args: schema, answer }: PortAnswerer<Args>): Asked {
  return (args, context) => {
    const checked = schema.safeParse(args);
    if (checked.success) return answer(checked.data, context);
    const [issue] = checked.error.issues;
    throw new PortError(`The field "${issue?.path.join(".") ?? ""}" is not valid: ${issue?.message ?? "check it"}.`);
  };
}
