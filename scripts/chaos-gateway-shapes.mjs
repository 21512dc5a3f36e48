// The requests a server must refuse, each with the statuses that are right. `only`: how many answers there may be at most, where a second
// request hides in the first. None may be answered with 2xx or 5xx, but for 501 and 505, which say that HTTP is not spoken so.
import { hello, mcp, message, post, request } from "./chaos-gateway-raw.mjs";

const list = message("tools/list");
const shape = (name, text, statuses, more = {}) => ({ name, text, statuses, ...more });

export const shapes = {
  "content types and methods": [
    ...[
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/jsonx",
      "",
    ].map((type) => shape(`content type "${type}"`, post(hello, { "Content-Type": type }), [415])),
    shape("no content type", post(hello, { "Content-Type": undefined }), [415]),
    shape("an Accept of pictures", post(hello, { Accept: "image/png" }), [406]),
    ...["PUT", "PATCH", "HEAD", "OPTIONS", "TRACE"].map((method) =>
      shape(method, request(method, "/mcp", mcp), [400, 404, 405]),
    ),
    shape("an unknown version", post(list, { "Mcp-Protocol-Version": "1999-01-01" }), [400]),
    shape("a GET of no stream", request("GET", "/mcp", { Accept: "text/html" }), [406]),
  ],
  "JSON and batches": [
    shape("no JSON", post("{ no json"), [400]),
    shape("nothing", post(" "), [400]),
    shape("no UTF-8", post('"\xff\xfe\xfd"'), [400]),
    shape("100,000 lists in each other", post("[".repeat(60_000)), [400]),
    shape("20,000 objects in each other", post('{"a":'.repeat(12_000)), [400]),
    shape(
      "deep parameters",
      post(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":${"[".repeat(500)}${"]".repeat(500)}}`),
      [400],
    ),
    ...["null", "1", '"text"', "true", "[]", "[1,2,3]", "[[]]", "{}"].map((body) =>
      shape(`the message ${body}`, post(body), [400]),
    ),
    shape("an id that is an object", post('{"jsonrpc":"2.0","id":{},"method":"initialize"}'), [400]),
    shape("the version 1.0", post('{"jsonrpc":"1.0","id":1,"method":"initialize"}'), [400]),
    shape(
      "1,000 requests at once",
      post(`[${Array.from({ length: 1_000 }, (_, n) => message("ping", {}, n)).join(",")}]`),
      [400, 413],
    ),
    shape("two beginnings at once", post(`[${hello},${hello}]`, { "Mcp-Protocol-Version": "2025-03-26" }), [400]),
    shape("a beginning without a word", post(message("initialize", {})), [400, 200], { error: true }),
    shape("a first message of 1 MB", post(JSON.stringify("x".repeat(1_000_000))), [413]),
    shape("a gigabyte announced", post("{", { "Content-Length": 1_000_000_000 }), [413]),
    shape(
      "chunks without end",
      post(`${`8000\r\n${"x".repeat(32_768)}\r\n`.repeat(40)}`, { "Transfer-Encoding": "chunked" }),
      [413],
    ),
  ],
  "Host and Origin": [
    ...[
      "evil.example",
      "127.0.0.1.evil.example",
      "evil.example:3700",
      "127.0.0.1@evil.example",
      "localhost.",
      "2130706433.evil",
      "[::1].evil",
    ].map((host) => shape(`Host: ${host}`, post(hello, { Host: host }), [400, 403])),
    shape("no Host", post(hello, { Host: undefined }), [400, 403]),
    shape("two Hosts", post(hello, { Host: "127.0.0.1\r\nHost: evil.example" }), [400, 403]),
    ...[
      "https://evil.example",
      "null",
      "file://",
      "http://127.0.0.1.evil.example",
      "http://localhost@evil.example",
      "chrome-extension://x",
    ].map((origin) => shape(`Origin: ${origin}`, post(hello, { Origin: origin }), [403])),
    shape(
      "a page that asks first",
      request("OPTIONS", "/mcp", { Origin: "https://evil.example", "Access-Control-Request-Method": "POST" }),
      [403],
    ),
  ],
  paths: [
    ...[
      "//mcp",
      "/..%2fmcp",
      "/%2e%2e/mcp",
      "/mcp%00",
      "/mcp/",
      "/mcp/..;/tools",
      "/MCP",
      "/mcp\\..\\tools",
      "/;/mcp",
      "/etc/passwd",
      "/../../../etc/passwd",
    ].map((path) => shape(`GET ${path}`, request("GET", path, { Accept: "text/plain" }), [400, 404, 406])),
    shape("another's address", request("GET", "http://evil.example/health/live", {}), [400, 403]),
    shape("its own address as a proxy is asked", request("GET", "http://127.0.0.1/health/live", {}), [400]),
    shape("CONNECT", request("CONNECT", "127.0.0.1:22", {}), [400, 404, 405], { mayClose: true }),
    shape("*", request("OPTIONS", "*", {}), [400, 404]),
    shape("a path of 100 KB", request("GET", `/${"a".repeat(100_000)}`, {}), [414, 431]),
    shape("headers of 100 KB", request("GET", "/health/live", { "X-A": "a".repeat(100_000) }), [431]),
    shape(
      "10,000 headers",
      request("GET", "/health/live", Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`X-${n}`, n]))),
      [431],
    ),
    shape("no HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [400]),
    shape("HTTP/3", `GET /mcp HTTP/3.0\r\nHost: 127.0.0.1\r\n\r\n`, [400, 505]),
  ],
  smuggling: [
    ["Content-Length and Transfer-Encoding", { "Content-Length": 5, "Transfer-Encoding": "chunked" }],
    ["two Content-Lengths", { "Content-Length": `5\r\nContent-Length: ${hello.length}` }],
    ["a Content-Length of +5", { "Content-Length": "+5" }],
    ["a Content-Length of -1", { "Content-Length": "-1" }],
    ["a Content-Length of 5,5", { "Content-Length": "5,5" }],
    ["chunked, identity", { "Transfer-Encoding": "chunked, identity" }],
    ["xchunked", { "Transfer-Encoding": "xchunked" }],
    ["a space before the colon", { "Content-Length ": 5 }],
    ["a header folded over two lines", { "X-A": "b\r\n Content-Length: 5" }],
    ["an empty name", { "": "x" }],
    ["a line feed alone", { "X-A": "b\nTransfer-Encoding: chunked" }],
    ["a zero byte", { "X-A": "b\0c" }],
  ].map(([name, headers]) => {
    const hidden = request("GET", "/health/live", { Connection: "keep-alive" });
    const text = request("POST", "/mcp", { ...mcp, Connection: "keep-alive", ...headers }, `0\r\n\r\n${hidden}`);
    return shape(name, text, [400, 413, 415, 501], { only: 1 });
  }),
  "session ids": [
    ...[
      "made-up",
      "../../etc",
      "0",
      "null",
      "__proto__",
      "constructor",
      "x".repeat(4_000),
      "00000000-0000-4000-8000-000000000000",
      "%00",
      "ä",
    ].map((id) => shape(`session ${id.slice(0, 40)}`, post(list, { "Mcp-Session-Id": id }), [400, 404])),
    shape("no session", post(list), [400]),
    shape("a stream of no session", request("GET", "/mcp", { ...mcp, "Mcp-Session-Id": "made-up" }), [404]),
    shape("the end of no session", request("DELETE", "/mcp", { ...mcp, "Mcp-Session-Id": "made-up" }), [404]),
    shape("a key that is none", post(hello, { Authorization: `Bearer bny_${"a".repeat(43)}` }), [401]),
    shape("a key of 8 KB", post(hello, { Authorization: `Bearer ${"a".repeat(8_000)}` }), [401]),
    shape("a password", post(hello, { Authorization: "Basic YTpi" }), [401]),
  ],
};
