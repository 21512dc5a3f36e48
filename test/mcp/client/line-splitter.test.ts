import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineSplitter, type OversizeLine } from "../../../src/mcp/client/line-splitter.js";

const refuse = (line: OversizeLine): never => {
  throw new Error(`unexpected long line of ${line.bytes} bytes`);
};

describe("LineSplitter", () => {
  test("gives the same lines however the bytes are cut into chunks", () => {
    const line = fc.string({ unit: "binary" }).filter((text) => text !== "" && !/[\r\n]/.test(text));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(40)), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(""));
        const splitter = new LineSplitter(1_000_000, refuse);
        const found: string[] = [];
        let start = 0;
        for (const cut of [...cuts, bytes.length]) {
          found.push(...splitter.push(bytes.subarray(start, start + cut)));
          start += cut;
        }
        found.push(...splitter.end());
        expect(found).toEqual(lines.map((text) => Buffer.from(text).toString()));
      }),
    );
  });

  test("takes CRLF for one line end and gives no empty lines", () => {
    const splitter = new LineSplitter(100, refuse);
    expect(splitter.push(Buffer.from("one\r\n\r\n\ntwo\n"))).toEqual(["one", "two"]);
  });

  test("gives the unfinished last line when the stream ends", () => {
    const splitter = new LineSplitter(100, refuse);
    expect(splitter.push(Buffer.from("whole\nhalf"))).toEqual(["whole"]);
    expect(splitter.end()).toEqual(["half"]);
    expect(splitter.end()).toEqual([]);
  });

  test("replaces and counts invalid UTF-8", () => {
    const splitter = new LineSplitter(100, refuse);
    expect(splitter.push(Buffer.from([0x61, 0xff, 0x62, 0x0a]))).toEqual(["a\uFFFDb"]);
    expect(splitter.invalid).toBe(1);
  });

  test("drops a line that is too long as it streams by, keeps its edges, and goes on with the next", () => {
    const long: OversizeLine[] = [];
    const splitter = new LineSplitter(1_000, (line) => long.push(line));
    const lines = splitter.push(Buffer.from("before\nHEAD"));
    for (let i = 0; i < 10_000; i++) lines.push(...splitter.push(Buffer.from("x".repeat(100))));
    lines.push(...splitter.push(Buffer.from("TAIL\nafter\n")));
    expect(lines).toEqual(["before", "after"]);
    expect(long).toHaveLength(1);
    expect(long[0]).toMatchObject({ bytes: 1_000_008 });
    expect(long[0]?.head).toMatch(/^HEADx+$/);
    expect(long[0]?.tail).toMatch(/^x+TAIL$/);
    expect(long[0]?.tail.length).toBeLessThanOrEqual(256);
  });

  test("lets the chunks go of a line that comes byte by byte, and gives it whole", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void; // what the flag adds
    const splitter = new LineSplitter(1_000_000, refuse);
    const chunks: WeakRef<Buffer>[] = [];
    const text = "0123456789".repeat(500);
    for (const character of text) {
      const chunk = Buffer.from(character);
      chunks.push(new WeakRef(chunk));
      splitter.push(chunk);
    }
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(chunks.filter((chunk) => chunk.deref() !== undefined).length).toBeLessThan(text.length / 2);
    expect(splitter.push(Buffer.from("\nnext\n"))).toEqual([text, "next"]);
  });

  test("takes a line of exactly the limit", () => {
    const splitter = new LineSplitter(10, refuse);
    expect(splitter.push(Buffer.from("0123456789\n"))).toEqual(["0123456789"]);
  });
});
