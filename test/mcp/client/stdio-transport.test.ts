import { describe, expect, test } from "vitest";
import { StdioTransport } from "../../../src/mcp/client/stdio-transport.js";

function open(): { transport: StdioTransport; received: unknown[]; faults: string[]; written: string[] } {
  const received: unknown[] = [];
  const faults: string[] = [];
  const written: string[] = [];
  const transport = new StdioTransport(
    async (line) => void written.push(line),
    (fault) => faults.push(fault),
  );
  transport.onmessage = (message) => received.push(message);
  return { transport, received, faults, written };
}

const answer = (id: number): object => ({ jsonrpc: "2.0", id, result: {} });

describe("the stdio transport", () => {
  test("writes one line a message, whatever newlines it carries", async () => {
    const { transport, written } = open();
    await transport.send({ jsonrpc: "2.0", id: 1, method: "x", params: { text: "a\nb\u2028c" } });
    expect(written).toHaveLength(1);
    expect(written[0]).not.toMatch(/\n/);
    expect(JSON.parse(written[0] ?? "")).toMatchObject({ params: { text: "a\nb\u2028c" } });
  });

  test("passes messages on, one or a batch a line", () => {
    const { transport, received } = open();
    transport.receive([JSON.stringify(answer(1)), JSON.stringify([answer(2), answer(3)])]);
    expect(received).toEqual([answer(1), answer(2), answer(3)]);
  });

  test("counts whatever is no message and reports it once a burst, with what stood there", () => {
    const { transport, received, faults } = open();
    transport.receive(["starting…", "{", "[]", "null", '"text"', '{"id":1}', JSON.stringify(answer(1))]);
    expect(received).toEqual([answer(1)]);
    expect(transport.garbage.count).toBe(5); // an empty batch is nothing at all
    expect(faults).toEqual(["wrote something to stdout that is no MCP message: starting…"]);
  });

  test("refuses JSON so deep that walking it would overflow the stack", () => {
    const { transport, received } = open();
    const deep = `${'{"jsonrpc":"2.0","id":1,"result":'}${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    transport.receive([deep]);
    expect(received).toEqual([]);
    expect(transport.garbage.count).toBe(1);
  });

  test.each([
    ["last, as most servers write it", '{"result":{"content":[{"type":"te', '"}]},"jsonrpc":"2.0","id":7}'],
    ["last but for the version", '{"result":{', '},"id":7,"jsonrpc":"2.0"}'],
    ["first", '{"jsonrpc":"2.0","id":7,"result":{"content":[', "]}}"],
  ])("answers for a message that was too long, with the id %s", (_, head, tail) => {
    const { transport, received, faults } = open();
    transport.receiveOversize({ bytes: 123_456, head, tail });
    expect(received).toEqual([
      { jsonrpc: "2.0", id: 7, error: expect.objectContaining({ message: expect.stringContaining("123456 bytes") }) },
    ]);
    expect(faults).toHaveLength(1);
  });

  test("answers nobody when the message that was too long was no answer", () => {
    const { transport, received } = open();
    transport.receiveOversize({ bytes: 9, head: '{"jsonrpc":"2.0","method":"x","params":{', tail: '},"id":7}' });
    transport.receiveOversize({ bytes: 9, head: "xxxxxxxx", tail: "xxxxxxxx" });
    expect(received).toEqual([]);
  });

  test("is closed once, however often it is told to", async () => {
    const { transport } = open();
    let closed = 0;
    transport.onclose = () => closed++;
    transport.lost();
    await transport.close();
    expect(closed).toBe(1);
    await expect(transport.send({ jsonrpc: "2.0", method: "x" })).rejects.toThrow("closed");
  });
});
