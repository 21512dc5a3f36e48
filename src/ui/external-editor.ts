// The user's own editor ($VISUAL, else $EDITOR, else vi) on a text, in a file that nobody else may read. It has the terminal
// alone while it runs: whoever drew on it has let go of it before. The program is started as it is named, with its arguments and
// without a shell, so nothing in the variable is ever run but that program.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../supervision/index.js";
import type { Environment } from "./abilities.js";
import { clean } from "./editor.js";
import { LONGEST_PASTED } from "./pastes.js";

/** What came of it: the text as the editor left it, or why it is as it was. Both when the text came, but something was wrong. */
export interface Edited {
  readonly text?: string;
  readonly problem?: string;
}

/** What Ctrl-C types is for the editor; the whole group gets its signal. */
const FOR_THE_EDITOR = ["SIGINT", "SIGQUIT"] as const;

/** Resolves when the editor has ended; never rejects. */
export async function editOutside(text: string, env: Environment): Promise<Edited> {
  const command = env.VISUAL?.trim() || env.EDITOR?.trim() || "vi";
  const [program, ...args] = wordsOf(command);
  if (program === undefined) return { problem: `$EDITOR names no program: ${command}` };
  let folder: string | undefined;
  const hear = FOR_THE_EDITOR.map(deafTo);
  try {
    folder = await mkdtemp(join(tmpdir(), "banyan-message-")); // for its owner alone
    const file = join(folder, "message.md");
    await writeFile(file, text === "" ? "" : `${text}\n`, { mode: 0o600 });
    const problem = await run(program, [...args, file], env);
    if (problem !== undefined) return { problem };
    // Files end with a line end, messages do not.
    const edited = clean(await readFile(file, "utf8")).replace(/\n$/, "");
    if (edited.length <= LONGEST_PASTED) return { text: edited };
    return { problem: `the text has more than ${LONGEST_PASTED.toLocaleString("en")} characters; it is as it was` };
  } catch (error) {
    return { problem: `the editor could not be used: ${messageOf(error)}` };
  } finally {
    for (const again of hear) again();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

/** Words as a shell would part them: quotes hold spaces together, a backslash takes the next character as it is. */
export function wordsOf(command: string): string[] {
  const words = command.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/g) ?? [];
  return words.map((word) =>
    word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g, (_, double?: string, single?: string, escaped?: string) =>
      double !== undefined ? double.replace(/\\(["\\$`])/g, "$1") : (single ?? escaped ?? ""),
    ),
  );
}

/** Undefined when it ended well, else what is to be said. */
function run(program: string, args: readonly string[], env: Environment): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: "inherit", env: { ...env } });
    // It does not outlive this program, and does not keep it from ending.
    const end = (): void => void child.kill();
    process.once("exit", end);
    child.unref();
    const done = (problem?: string): void => {
      process.off("exit", end);
      resolve(problem);
    };
    child.once("error", (error) =>
      done(`the editor "${program}" cannot be started (${messageOf(error)}); set VISUAL or EDITOR to the one you use`),
    );
    child.once("exit", (code, signal) =>
      done(
        code === 0
          ? undefined
          : `the editor "${program}" ended with ${signal ?? `code ${code}`}; your text is as it was`,
      ),
    );
  });
}

/** Nobody hears the signal until the answer is called. */
function deafTo(signal: NodeJS.Signals): () => void {
  const hearers = process.rawListeners(signal);
  process.removeAllListeners(signal);
  const none = (): void => {};
  process.on(signal, none);
  return () => {
    process.off(signal, none);
    // What `rawListeners` answers is what `on` takes; the types know it only as functions.
    for (const hearer of hearers) process.on(signal, hearer as NodeJS.SignalsListener);
  };
}
