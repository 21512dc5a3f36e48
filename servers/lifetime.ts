// A server on stdio lives as long as its client. It ends when stdin ends, when stdout breaks, on SIGTERM and SIGINT, and when
// its parent is gone: the last matters because stdin may be held open by somebody else who inherited the pipe.

const FLUSH_MS = 500;
const PARENT_CHECK_MS = 1_000;

/** Ties this process to its client, from now on. Call it before anything slow, and once. `last`: done before an end in order, for
 * which it is given half a second. */
export function endWithClient(last: () => Promise<void> = async () => {}): void {
  // Taken now: whoever runs foreign code gives it other streams by these names.
  const { stdin, stdout, stderr } = process;
  const end = (): void => endOnce(stdout, last);
  stdin.once("end", end);
  stdin.once("close", end);
  stdin.once("error", end);
  stdout.on("error", () => process.exit(0)); // EPIPE: nobody reads any more
  stderr.on("error", () => {}); // a log nobody reads is no reason to end
  // Not once, for in a sandbox nobody is taken off again; a second signal changes nothing.
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, PARENT_CHECK_MS).unref();
}

let ending = false;

/** Ends the process once what was written has left it, and in any case soon. */
function endOnce(stdout: NodeJS.WriteStream, last: () => Promise<void>): void {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(0), FLUSH_MS);
  void last().finally(() => stdout.write("", () => process.exit(0)));
}
