// A question on the terminal before something that cannot be taken back.
import { createInterface } from "node:readline/promises";
import { BanyanError } from "../supervision/index.js";

/** Anything but a clear yes is a no. Rejects with `nobody_to_ask` and the mend where there is no terminal. */
export async function confirmed(question: string, mend: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new BanyanError("nobody_to_ask", `Nobody can be asked here; ${mend}.`);
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    // The end of the input is an answer too.
    const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
    const answer = await Promise.race([lines.question(`${question} [y/N] `), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
