// Another program on this terminal, in place of ours until it ends.
import { spawn } from "node:child_process";
import { BanyanError, messageOf } from "../supervision/index.js";

/** Answers with its exit code; rejects if it cannot be started. Ctrl-C is the program's own. */
export function runInherited([command = "", ...args]: readonly string[], cwd: string): Promise<number> {
  const leave = (): void => {};
  process.on("SIGINT", leave);
  return new Promise<number>((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: "inherit" });
    child.once("error", (error) =>
      reject(new BanyanError("not_started", `${command} could not be started (${messageOf(error)}); install it.`)),
    );
    child.once("exit", (code) => resolve(code ?? 1));
  }).finally(() => process.off("SIGINT", leave));
}
