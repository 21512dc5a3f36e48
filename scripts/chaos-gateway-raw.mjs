// Raw connections of a hostile client: what no HTTP library would send, and what comes back.
import { connect } from "node:net";

/** Sends the text as it is and answers what came back until the connection closed or `ms` were over. */
export function exchange({ port, host = "127.0.0.1" }, text, { ms = 5_000, most = 64 * 1024 } = {}) {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, host, () => socket.write(text));
    const done = (closed) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ answer, closed, statuses: statusesIn(answer) });
    };
    const timer = setTimeout(() => done(false), ms);
    socket.setEncoding("latin1").on("data", (part) => {
      if (answer.length < most) answer += part;
    });
    socket.on("error", () => done(true)).on("close", () => done(true));
  });
}

const statusesIn = (answer) => Array.from(answer.matchAll(/^HTTP\/1\.1 (\d{3}) /gm), ([, status]) => Number(status));

/** A whole request; headers as they are to be written. The connection is to be closed after it unless they say otherwise. */
export function request(method, path, headers, body = "") {
  const all = { Host: "127.0.0.1", Connection: "close", ...headers };
  if (body !== "" && all["Content-Length"] === undefined && all["Transfer-Encoding"] === undefined)
    all["Content-Length"] = Buffer.byteLength(body);
  const lines = Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}

export const mcp = { Accept: "application/json, text/event-stream", "Content-Type": "application/json" };

export function post(body, headers = {}, path = "/mcp") {
  return request("POST", path, { ...mcp, ...headers }, body);
}

export function message(method, params, id = 1) {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

export const hello = message("initialize", {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "hostile", version: "1" },
});
