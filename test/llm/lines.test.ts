import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readLines } from "../../src/llm/lines.js";

async function read(chunks: readonly Uint8Array[]): Promise<string[]> {
  const left = chunks.values();
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const { done, value } = left.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const lines: string[] = [];
  for await (const line of readLines(body)) lines.push(line);
  return lines;
}

describe("lines of a model's answer", () => {
  test("are the same however their bytes are cut", async () => {
    const bytes = Buffer.from('{"a":"\u00e9"}\n\n{"b":"🐎"}\nlast');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 5 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(await read(chunks)).toEqual(['{"a":"\u00e9"}', "", '{"b":"🐎"}', "last"]);
      }),
      { numRuns: 50 },
    );
  });

  // Looked through anew with every chunk, this one took a minute, in which nothing else could happen.
  test("that are long and come in small pieces are put together once", async () => {
    const piece = Buffer.alloc(256, "x");
    const [line, next] = await read([...Array.from({ length: 32_768 }, () => piece), Buffer.from("\nnext")]);
    expect(line).toHaveLength(8_388_608);
    expect(next).toBe("next");
  });

  test("are refused when they are longer than anybody means", async () => {
    const piece = Buffer.alloc(1_048_576, "x");
    await expect(read(Array.from({ length: 20 }, () => piece))).rejects.toThrow("more than 16777216 characters");
  });
});
