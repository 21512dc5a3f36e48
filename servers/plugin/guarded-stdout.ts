// stdout belongs to the protocol alone: a plugin that logs would break it. Its console writes to stderr, and of what it writes to
// stdout itself only lines that are messages get there; the others go to stderr too.
import { Console } from "node:console";

/** Of a line that is not over yet. */
const MOST_WAITING = 64 * 1024 * 1024;

export function guardStdout(): void {
  globalThis.console = new Console(process.stderr, process.stderr);
  const { stdout } = process;
  const toStdout = stdout.write.bind(stdout);
  let waiting = "";
  const write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
    const over = [encoding, done].find((each) => typeof each === "function") as (() => void) | undefined; // as Node calls it
    const text = waiting + (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
    const end = text.lastIndexOf("\n") + 1;
    waiting = text.length - end > MOST_WAITING ? "" : text.slice(end);
    let messages = "";
    for (const line of text.slice(0, end).split("\n").slice(0, -1)) {
      if (isMessage(line)) messages += `${line}\n`;
      else if (line.trim() !== "") process.stderr.write(`${line}\n`);
    }
    return toStdout(messages, over);
  };
  stdout.write = write as typeof stdout.write; // one function for all its ways to be called
  stdout.end = (() => stdout) as typeof stdout.end; // whose plugin's server closes has others to answer
}

/** Cheap, for it is asked of every line: what is no message after all is skipped and told by the client. */
function isMessage(line: string): boolean {
  return line.startsWith("{") && line.trimEnd().endsWith("}") && line.includes('"jsonrpc"');
}
