// parse_url, dns_lookup (against a name server of our own on the loopback), environment.
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dnsLookup, lookUp } from "../../tools/dns-lookup.js";
import { environment } from "../../tools/environment.js";
import { parseUrl } from "../../tools/parse-url.js";
import { callTool } from "../support/call-tool.js";

describe("parse_url", () => {
  const parse = async (url: string, more: Record<string, unknown> = {}) =>
    (await callTool(parseUrl, { url, ...more })).text;

  it("takes an address apart, and hides its password", async () => {
    expect(await parse("HTTP://ann:geheim@Example.com:8080/a/../b%20c?x=1&y=ü&x=2#top")).toBe(
      [
        "normalised: http://ann:hidden@example.com:8080/b%20c?x=1&y=%C3%BC&x=2#top",
        "scheme: http",
        "host: example.com",
        "port: 8080",
        "user: ann",
        "password: (hidden)",
        "path: /b c",
        "fragment: top",
        "origin: http://example.com:8080",
        "query:",
        "  x = 1",
        "  y = ü",
        "  x = 2",
      ].join("\n"),
    );
    expect(await parse("https://bücher.example")).toMatch(
      /host: xn--bcher-kva\.example\nhost for people: bücher\.example\nport: 443 \(by the scheme\)/,
    );
    expect(await parse("https://x/%E0%A4%A")).toContain("path: /%E0%A4%A");
  });

  it("resolves against a base, sets the query, encodes and decodes", async () => {
    expect(await parse("../b?x=1", { base: "https://x.org/a/c/d" })).toContain("normalised: https://x.org/a/b?x=1");
    expect(await parse("https://x.org/?a=1&b=2", { set_query: { a: null, b: "3 &", c: "d" } })).toContain(
      "https://x.org/?b=3+%26&c=d\n",
    );
    expect(await parse("a b&ü/", { action: "encode" })).toBe("a%20b%26%C3%BC%2F");
    expect(await parse("\ud800", { action: "encode" })).toBe("%EF%BF%BD");
    expect(await parse("a+b%20%C3%BC", { action: "decode" })).toBe("a b ü");
  });

  it.each([
    ["example.com/x", {}, /is no full address; begin it with https:\/\//],
    ["http://x:99999", {}, /check its host and port/],
    ["x", { base: "nothing" }, /base "nothing" is no full address/],
    ["100%", { action: "decode" }, /write a percent sign itself as %25/],
  ])("says what is wrong with %s", async (url, more, sentence) => {
    expect(await parse(url, more)).toMatch(sentence);
  });
});

/** A name server that knows a few records; for the rest it says that there is no such name, or nothing at all. */
function answer(query: Buffer): Buffer | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let size = query[at] ?? 0; size > 0; size = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + size).toLowerCase());
    at += 1 + size;
  }
  const name = labels.join(".");
  const question = query.subarray(12, at + 5);
  const type = query.readUInt16BE(at + 1);
  if (name === "silent.test") return undefined;
  const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const host = (value: string) => Buffer.concat([...value.split(".").map(text), Buffer.from([0])]);
  const number = (value: number) => Buffer.from([value >> 8, value & 255]);
  const records: Record<string, Buffer[]> = {
    "public.test 1": [Buffer.from([93, 184, 215, 14])],
    "public.test 28": [Buffer.from("26062800000000000000000000000001", "hex")],
    "inner.test 1": [Buffer.from([10, 0, 0, 7]), Buffer.from([127, 0, 0, 1])],
    "public.test 15": [Buffer.concat([number(20), host("b.test")]), Buffer.concat([number(5), host("a.test")])],
    "public.test 16": [text('v=spf1 "x"')],
    "public.test 33": [Buffer.concat([number(1), number(2), number(443), host("s.test")])],
    "14.215.184.93.in-addr.arpa 12": [host("public.test")],
  };
  const found = records[`${name} ${type}`] ?? [];
  const known = Object.keys(records).some((key) => key.startsWith(`${name} `));
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(found.length, 6);
  const answers = found.map((data) => {
    const record = Buffer.from("c00c00000001000000780000", "hex");
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(data.length, 10);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([head, question, ...answers]);
}

describe("dns_lookup", () => {
  let socket: Socket;
  let server: string;
  beforeAll(async () => {
    socket = createSocket("udp4");
    socket.on("message", (query, { port, address }) => {
      const reply = answer(query);
      if (reply !== undefined) socket.send(reply, port, address);
    });
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    server = `127.0.0.1:${socket.address().port}`;
  });
  afterAll(() => socket.close());
  const ask = (
    name: string,
    types: Parameters<typeof lookUp>[1],
    seconds = 20,
    signal = new AbortController().signal,
  ) => lookUp(name, types, { seconds, signal, servers: [server] });

  it("tells records of every kind, and marks what is private", async () => {
    expect(await ask("public.test", ["A", "AAAA", "MX", "TXT", "SRV", "NS"])).toBe(
      [
        "A 93.184.215.14 (for 120 s)",
        "AAAA 2606:2800::1 (for 120 s)",
        "MX 5 a.test",
        "MX 20 b.test",
        'TXT "v=spf1 \\"x\\""',
        "SRV 1 2 s.test:443",
        "NS (none)",
      ].join("\n"),
    );
    expect(await ask("inner.test.", ["A"])).toBe(
      "A 10.0.0.7 (for 120 s; private or reserved, not on the internet)\nA 127.0.0.1 (for 120 s; private or reserved, not on the internet)",
    );
    expect(await ask("93.184.215.14", ["PTR"])).toBe("PTR public.test");
  });

  it("says why there is no answer", async () => {
    expect(await ask("nowhere.test", ["A"])).toBe("A (no name nowhere.test exists; check the spelling)");
    expect(await ask("silent.test", ["A"], 0.5)).toMatch(/^A \(no answer within 0\.5 s/);
    await expect(ask("https://x.org/", ["A"])).rejects.toThrow("is no host name");
    await expect(ask("public.test", ["PTR"])).rejects.toThrow("PTR is asked of an address");
    const stop = new AbortController();
    const asked = ask("silent.test", ["A"], 20, stop.signal);
    setImmediate(() => stop.abort(new Error("given up")));
    await expect(asked).rejects.toThrow("given up");
  });

  it("checks its arguments", async () => {
    await expect(callTool(dnsLookup, { name: "x", types: ["ANY"] })).rejects.toThrow();
  });
});

describe("environment", () => {
  it("shows versions and harmless variables, and no other", async () => {
    process.env.MY_API_KEY = "sehr-geheim-123";
    process.env.LANG = "C.UTF-8";
    const { text } = await callTool(environment, {}, { root: "/somewhere" });
    expect(text).toContain(`node            ${process.versions.node}`);
    expect(text).toMatch(/working folder +\/somewhere/);
    expect(text).toMatch(/\$LANG +C\.UTF-8/);
    expect(text).not.toContain("geheim");
    delete process.env.MY_API_KEY;
  });
});
