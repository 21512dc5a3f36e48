import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { StringDecoder } from "node:string_decoder";

export default {
  name: "number_lines",
  description: "Puts a number before each line of a text.",
  input: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  async handler({ text }: { text: string }): Promise<string> {
    const decoder = new StringDecoder("utf8");
    const out: string[] = [];
    let rest = "";
    const numbered = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const lines = (rest + decoder.write(chunk)).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) out.push(`${out.length + 1}: ${line}`);
        done();
      },
    });
    await pipeline(Readable.from([Buffer.from(text)]), numbered, async (source: AsyncIterable<unknown>) => {
      for await (const _ of source);
    });
    if (rest) out.push(`${out.length + 1}: ${rest}`);
    return out.join("\n");
  },
};
