import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventStream, type StreamEvent } from "../../../../src/mcp/client/http/event-stream.js";
import type { OversizeLine } from "../../../../src/mcp/client/line-splitter.js";

interface Read {
  readonly events: readonly StreamEvent[];
  readonly lastId: string | undefined;
  readonly retryMs: number | undefined;
  readonly dropped: readonly OversizeLine[];
}

function read(chunks: readonly (string | Buffer)[], maxBytes = 1_000, lastId?: string): Read {
  const dropped: OversizeLine[] = [];
  const stream = new EventStream(maxBytes, (event) => dropped.push(event), lastId);
  const events = chunks.flatMap((chunk) => stream.push(Buffer.from(chunk)));
  const { retryMs } = stream;
  return { events, lastId: stream.lastId, retryMs, dropped };
}

const message = (data: string): StreamEvent => ({ name: "message", data });

describe("server-sent events", () => {
  const cases: [what: string, text: string, events: StreamEvent[]][] = [
    ["one event", "data: a\n\n", [message("a")]],
    ["one without the space", "data:a\n\n", [message("a")]],
    ["one of two spaces, of which the first is not its own", "data:  a\n\n", [message(" a")]],
    ["one of several lines", "data: a\ndata\ndata: b\n\n", [message("a\n\nb")]],
    ["one with a name", "event: endpoint\ndata: /m\n\n", [{ name: "endpoint", data: "/m" }]],
    [
      "a name that is over with its event",
      "event: x\ndata: 1\n\ndata: 2\n\n",
      [{ name: "x", data: "1" }, message("2")],
    ],
    ["comments and fields nobody knows", ": hi\nfoo: bar\ndata: a\n\n", [message("a")]],
    ["an event without data", "event: x\nid: 1\n\n", []],
    ["an event that is not whole at the end", "data: a\n\ndata: b\n", [message("a")]],
    ["lines that end in CRLF", "event: x\r\ndata: a\r\n\r\n", [{ name: "x", data: "a" }]],
    [
      "lines that end in CR, as long as a newline comes some time",
      "data: a\r\rdata: b\r\r\n",
      [message("a"), message("b")],
    ],
    [
      "a byte order mark before the first line alone",
      "\uFEFFdata: a\n\ndata: \uFEFFb\n\n",
      [message("a"), message("\uFEFFb")],
    ],
    ["characters of several bytes", "data: žluťoučký 🐎\n\n", [message("žluťoučký 🐎")]],
  ];
  test.each(cases)("are read, however their bytes are cut: %s", (_what, text, events) => {
    expect(read([text]).events).toEqual(events);
    const bytes = Buffer.from(text);
    expect(read(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))).events).toEqual(events);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 5 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(read(chunks).events).toEqual(events);
      }),
      { numRuns: 30 },
    );
  });

  test("tell where to go on from and when: the id of the last whole event", () => {
    expect(read(["id: 1\nretry: 250\ndata: a\n\n", "id: 2\n\n", "id: 3\ndata: b"])).toMatchObject({
      lastId: "2",
      retryMs: 250,
    });
    expect(read(["data: a\n\n"], 100, "7").lastId).toBe("7");
    expect(read(["id: 1\n\n", "id: a\0b\nretry: soon\n\n"])).toMatchObject({ lastId: "1", retryMs: undefined });
  });

  test("longer than a message may be are dropped with their edges kept, on one line or on many, and the next is read", () => {
    const long = read([`data: {"jsonrpc":"2.0","id":7,"result":"${"x".repeat(500)}"}\n\ndata: b\n\n`], 100);
    expect(long.events).toEqual([message("b")]);
    expect(long.dropped).toMatchObject([{ head: expect.stringMatching(/^\{"jsonrpc":"2.0","id":7/) }]);
    const many = read([`${"data: xxxxxxxxx\n".repeat(100)}\ndata: b\n\n`], 100);
    expect(many.events).toEqual([message("b")]);
    expect(many.dropped).toHaveLength(1);
  });

  test("of nothing but empty lines take no more memory than others: they are dropped, too", () => {
    const empty = read([`${"data\n".repeat(2_000)}\ndata: b\n\n`], 1_000);
    expect(empty.events).toEqual([message("b")]);
    expect(empty.dropped).toHaveLength(1);
  });
});
