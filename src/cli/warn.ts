// What is said on stderr. Much of it quotes others (a server's last words, a file, a model), so it is never written as it came:
// nothing in it acts on the terminal, and secrets are taken out.
import { redact } from "../actors/telemetry/redact.js";
import { plainText } from "../supervision/index.js";

export function warn(text: string): void {
  process.stderr.write(`banyan: ${plainText(redact(text))}\n`);
}
