// The scripted model server as a process of its own. It prints its base URL, then one line of JSON for every request. Every
// line of JSON on stdin is a reply for the script, or `{"default": reply}` for when the script is empty. It ends when stdin
// does, so that it never outlives whoever started it.
//
//   node test/support/run.mjs test/support/model-server-cli.ts [PORT]
import { createInterface } from "node:readline";
import { z } from "zod";
import { modelReply, startModelServer } from "./model-server.js";

const command = z.union([z.strictObject({ default: modelReply }), modelReply]);

const print = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
const server = await startModelServer({
  port: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .parse(process.argv[2] ?? 0),
  onRequest: ({ method, path, body }) => print({ method, path, body }),
});
process.stdout.write(`${server.baseUrl}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "") continue;
  try {
    const given = command.parse(JSON.parse(line));
    if ("default" in given) server.defaultReply = given.default;
    else server.enqueue(given);
  } catch (error) {
    print({ error: error instanceof z.ZodError ? z.prettifyError(error) : "This line is no JSON." });
  }
}
await server.close();
