// Writes a file through a stream.
import { createWriteStream } from "node:fs";

export default {
  name: "write_mark_by_stream",
  description: "Writes a file through a stream",
  input: { type: "object" },
  handler: ({ mark }) => new Promise((resolve, reject) => createWriteStream(mark).on("error", reject).end("x", () => resolve("written"))),
};
