// What is said on stderr. Much of it quotes others (a server's last words, a file, a model), so it is never written as it came.
import { plainText } from "../supervision/index.js";

export function warn(text: string): void {
  process.stderr.write(`banyan: ${plainText(text)}\n`);
}
