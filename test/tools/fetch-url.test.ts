import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { whyBlocked } from "../../tools/support/addresses.js";
import { type Connection, connect } from "../support/stdio-client.js";

const pages = new Map<string, RequestListener>();
const seen: string[] = [];
let web: Server;
let base: string;
let host: Connection; // may reach this machine
let guarded: Connection; // may not

const page = (path: string, listener: RequestListener) => {
  pages.set(path, listener);
  return `${base}${path}`;
};
const fetchUrl = (url: string, rest: Record<string, unknown> = {}) => host.call("fetch_url", { url, ...rest });

beforeAll(async () => {
  web = createServer((request, response) => {
    seen.push(request.url ?? "");
    const listener = pages.get(request.url ?? "");
    if (listener) listener(request, response);
    else response.writeHead(404, { "content-type": "text/plain" }).end("no such page");
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(web.address() as AddressInfo).port}`; // a TCP server's address is never a string
  [host, guarded] = await Promise.all([
    connect("host", { env: { BANYAN_FETCH_ALLOW_LOOPBACK: "1" } }),
    connect("host"),
  ]);
});
afterAll(async () => {
  await Promise.all([host.client.close(), guarded.client.close()]);
  web.closeAllConnections();
  await new Promise((resolve) => web.close(resolve));
});

describe("fetch_url", () => {
  it("returns status, content type and the text as it is", async () => {
    const url = page("/data", (_, response) =>
      response.writeHead(200, { "content-type": "application/json" }).end('{"a":1}'),
    );
    expect(await fetchUrl(url)).toMatchObject({
      isError: false,
      texts: ["HTTP 200 OK, application/json", '{"a":1}'],
    });
  });

  it("turns HTML into readable text with absolute links", async () => {
    const url = page("/html", (_, response) => {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end("<title>Hi</title><script>no()</script><p>Go <a href='/next'>on</a> – ü</p>");
    });
    expect((await fetchUrl(url)).texts[1]).toBe(`Hi\n\nGo on (${base}/next) – ü`);
  });

  it("shows the page of an error status, for that is an answer too", async () => {
    expect(await fetchUrl(`${base}/missing`)).toMatchObject({
      isError: false,
      texts: ["HTTP 404 Not Found, text/plain", "no such page"],
    });
  });

  it("unpacks gzip and brotli, and heeds the charset of the header and of the page", async () => {
    const gzip = page("/gzip", (_, response) =>
      response.writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip" }).end(gzipSync("packed ü")),
    );
    const brotli = page("/br", (_, response) =>
      response
        .writeHead(200, { "content-type": "text/plain", "content-encoding": "br" })
        .end(brotliCompressSync("packed ö")),
    );
    const latin = page("/latin", (_, response) =>
      response
        .writeHead(200, { "content-type": "text/plain; charset=ISO-8859-1" })
        .end(Buffer.from("caf\xe9", "latin1")),
    );
    const meta = page("/meta", (_, response) =>
      response
        .writeHead(200, { "content-type": "text/html" })
        .end(Buffer.from('<meta charset="windows-1252"><p>caf\xe9', "latin1")),
    );
    expect((await fetchUrl(gzip)).texts[1]).toBe("packed ü");
    expect((await fetchUrl(brotli)).texts[1]).toBe("packed ö");
    expect((await fetchUrl(latin)).texts[1]).toBe("café");
    expect((await fetchUrl(meta)).texts[1]).toBe("café");
  });

  it("reads no more than 2 MB, also of what unpacks to far more, and says so", async () => {
    const long = page("/long", (_, response) =>
      response.writeHead(200, { "content-type": "text/plain" }).end("x".repeat(2_500_000)),
    );
    const bomb = page("/bomb", (_, response) =>
      response
        .writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip" })
        .end(gzipSync(Buffer.alloc(50_000_000, "y"))),
    );
    for (const url of [long, bomb]) {
      const { isError, text } = await fetchUrl(url);
      expect(isError).toBe(false);
      expect(Buffer.byteLength(text)).toBeLessThan(1_001_000); // the server's own limit comes on top
      expect(text).toContain("(The result was cut to 1 MB of 2 MB; ask for less at a time.)");
    }
  });

  it("refuses what is no text, by its type or by its bytes", async () => {
    const image = page("/image", (_, response) =>
      response.writeHead(200, { "content-type": "image/png", "content-length": "5" }).end("12345"),
    );
    const liar = page("/liar", (_, response) => response.writeHead(200, { "content-type": "text/plain" }).end("a\0b"));
    expect(await fetchUrl(image)).toMatchObject({
      isError: true,
      text: `${image} is image/png, 5 bytes, not text; only text can be returned.`,
    });
    expect((await fetchUrl(liar)).text).toBe(
      `${liar} calls itself text/plain but is binary; only text can be returned.`,
    );
  });

  it("follows redirects and names the final address, up to five", async () => {
    const end = page("/end", (_, response) => response.writeHead(200, { "content-type": "text/plain" }).end("arrived"));
    for (let i = 1; i <= 6; i++) {
      page(`/hop${i}`, (_, response) => response.writeHead(302, { location: i === 1 ? "/end" : `/hop${i - 1}` }).end());
    }
    expect((await fetchUrl(`${base}/hop5`)).texts).toEqual([
      `HTTP 200 OK, text/plain, redirected to ${end}`,
      "arrived",
    ]);
    expect(await fetchUrl(`${base}/hop6`)).toMatchObject({
      isError: true,
      text: `${base}/hop6 redirects more than 5 times; give the final address.`,
    });
  });

  it.each([
    ["file:///etc/passwd", "Only http and https can be fetched, and file:///etc/passwd is neither."],
    ["ftp://example.com/", "Only http and https can be fetched"],
    ["not a url", '"not a url" is no web address; give one like https://example.com/.'],
    ["http://user:hunter2@example.com/", "The address at example.com carries a user name or password; remove it."],
  ])("refuses %s", async (url, sentence) => {
    const { isError, text } = await fetchUrl(url);
    expect([isError, text.startsWith(sentence)]).toEqual([true, true]);
    expect(text).not.toContain("hunter2");
  });

  it("gives up after timeout_seconds, before and in the middle of an answer", async () => {
    const silent = page("/silent", () => {});
    const stalled = page("/stalled", (_, response) =>
      response.writeHead(200, { "content-type": "text/plain" }).write("half"),
    );
    for (const url of [silent, stalled]) {
      expect(await fetchUrl(url, { timeout_seconds: 0.2 })).toMatchObject({
        isError: true,
        text: `${url} did not answer in full within 0.2 s; try again or allow more time.`,
      });
    }
  });

  it("closes the connection when its caller cancels", async () => {
    let arrived = () => {};
    let gone = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const departure = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const url = page("/wait", (request) => {
      request.socket.once("close", gone);
      arrived();
    });
    const stop = new AbortController();
    const running = host.call("fetch_url", { url }, { signal: stop.signal });
    await arrival;
    stop.abort("enough");
    await expect(running).rejects.toThrow("enough");
    await departure;
  });

  it("tells a refused connection in a sentence", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo; // as above
    await new Promise((resolve) => closed.close(resolve));
    expect(await fetchUrl(`http://127.0.0.1:${port}/`)).toMatchObject({
      isError: true,
      text: `http://127.0.0.1:${port}/ was not fetched: its host refuses connections there; check the port.`,
    });
  });
});

describe("the border of the network", () => {
  it.each([
    "http://127.0.0.1:PORT/",
    "http://localhost:PORT/",
    "http://localhost.:PORT/",
    "http://127.1:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://[::1]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:0:127.0.0.1]:PORT/",
    "http://0.0.0.0:PORT/",
    "http://[::]:PORT/",
  ])("this machine is not reached as %s unless that was allowed", async (pattern) => {
    const url = pattern.replace("PORT", new URL(base).port);
    const before = seen.length;
    const { isError, text } = await guarded.call("fetch_url", { url });
    expect(isError).toBe(true);
    expect(text).toMatch(
      /may not be fetched: it is (this machine|in a private or reserved network)|host name is unknown/,
    );
    expect(seen).toHaveLength(before);
  });

  it("a name is judged by the address it leads to", async () => {
    const { text } = await guarded.call("fetch_url", { url: `http://localhost:${new URL(base).port}/` });
    expect(text).toMatch(
      /^localhost \((127\.0\.0\.1|::1)\) may not be fetched: it is this machine \(BANYAN_.*=1 allows that\); give/,
    );
    const url = page("/named", (_, response) => response.writeHead(200, { "content-type": "text/plain" }).end("hello"));
    expect((await fetchUrl(url.replace("127.0.0.1", "localhost"))).texts[1]).toBe("hello");
  });

  it.each([
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://[fe80::1]/",
    "http://192.168.0.1/",
    "file:///etc/passwd",
  ])("a redirect to %s is refused although the first address is allowed", async (target) => {
    const url = page("/away", (_, response) => response.writeHead(302, { location: target }).end());
    const { isError, text } = await fetchUrl(url);
    expect(isError).toBe(true);
    expect(text).toMatch(/may not be fetched: it is in a private or reserved network|is neither\.$/);
  });

  it.each([
    ["8.8.8.8", undefined],
    ["1.1.1.1", undefined],
    ["172.15.255.255", undefined],
    ["172.32.0.1", undefined],
    ["100.128.0.1", undefined],
    ["2606:4700:4700::1111", undefined],
    ["::ffff:8.8.8.8", undefined],
    ["10.1.2.3", "private"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.168.1.1", "private"],
    ["100.64.0.1", "private"],
    ["169.254.169.254", "private"],
    ["0.0.0.0", "private"],
    ["198.18.0.1", "private"],
    ["224.0.0.1", "private"],
    ["255.255.255.255", "private"],
    ["::", "private"],
    ["fc00::1", "private"],
    ["fd12:3456::1", "private"],
    ["fe80::1", "private"],
    ["fe80::1%eth0", "private"],
    ["fec0::1", "private"],
    ["ff02::1", "private"],
    ["::ffff:10.0.0.1", "private"],
    ["::ffff:a9fe:a9fe", "private"],
    ["::10.0.0.1", "private"],
    ["::ffff:0:127.0.0.1", "private"],
    ["::ffff:0:a00:1", "private"],
    ["64:ff9b::a00:1", "private"],
    ["64:ff9b::7f00:1", "private"],
    ["64:ff9b:1::7f00:1", "private"],
    ["2002:a00:1::", "private"],
    ["2002:7f00:1::", "private"],
    ["2001:0:1::1", "private"],
    ["", "no IP address"],
    ["localhost", "no IP address"],
    ["127.0.0.1", "this machine"],
    ["127.255.255.254", "this machine"],
    ["::1", "this machine"],
    ["::ffff:127.0.0.1", "this machine"],
    ["::ffff:7f00:1", "this machine"],
  ])("%s: %s", (address, why) => {
    if (why === undefined) expect(whyBlocked(address, false)).toBeUndefined();
    else expect(whyBlocked(address, false)).toContain(why);
    if (why === "this machine") expect(whyBlocked(address, true)).toBeUndefined();
    if (why === "private") expect(whyBlocked(address, true)).toContain("private");
  });
});
