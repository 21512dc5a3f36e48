// Stdin and stdout carry the protocol, so tools get others by these names: what they print goes to the log, and there is nothing
// to read. Whatever a tool does to its streams, the protocol's stay open.
import { Readable, Writable } from "node:stream";

export interface ProtocolStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

/** The protocol's streams; from now on nobody else gets them from `process`. */
export function takeStreams(): ProtocolStreams {
  const { stdin, stdout, stderr } = process;
  const give = (name: "stdin" | "stdout" | "stderr", value: Readable | Writable) =>
    Object.defineProperty(process, name, { value, enumerable: true, writable: false, configurable: false });
  give("stdin", Readable.from([]));
  give("stdout", toLog(stderr, "stdout"));
  give("stderr", toLog(stderr, "stderr"));
  return { stdin, stdout };
}

function toLog(log: NodeJS.WriteStream, name: string): Writable {
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string | Uint8Array, _encoding, done) => void log.write(chunk, () => done()),
  });
  const refuse = () => {
    throw new Error(`process.${name} is not this tool's to close.`);
  };
  for (const name of ["end", "destroy", "_destroy", "cork"]) Object.defineProperty(stream, name, { value: refuse });
  // All tools write by the same: what one of them puts in place of these would hear the others.
  for (const name of ["write", "_write"] as const)
    Object.defineProperty(stream, name, { value: stream[name], writable: false, configurable: false });
  return stream;
}
