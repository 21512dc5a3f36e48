import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { HttpEndpoint } from "../../../../src/mcp/client/http/endpoint.js";
import { StreamableHttpTransport } from "../../../../src/mcp/client/http/streamable-http.js";

test("sessions forgotten one after the other are made again with pauses, which end with the connection", async () => {
  let sessions = 0;
  let known = "";
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      if (request.method !== "POST") return response.writeHead(405).end();
      const { id, method } = JSON.parse(body);
      if (method === "initialize") known = `session-${++sessions}`;
      else if (request.headers["mcp-session-id"] !== known) return response.writeHead(404).end();
      if (id === undefined) return response.writeHead(202).end();
      response.writeHead(200, { "content-type": "application/json", "mcp-session-id": known });
      return response.end(JSON.stringify({ jsonrpc: "2.0", id, result: {} }));
    });
  });
  onTestFinished(() => void server.close().closeAllConnections());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  const endpoint = new HttpEndpoint({ server: "remote", url, headers: {}, connectTimeoutMs: 5_000 });
  onTestFinished(() => endpoint.end());
  const silent = { onLost: () => {}, onDoubt: () => {}, onRenewed: () => {}, onFault: () => {} };
  const transport = new StreamableHttpTransport(endpoint, 100_000, silent);
  const ask = (id: number, method: string) => transport.send({ jsonrpc: "2.0", id, method, params: {} });
  await ask(1, "initialize");
  for (const id of [2, 3]) {
    known = "another";
    await ask(id, "ping");
  }
  expect(sessions).toBe(3);
  known = "another";
  const refused = once(server, "request");
  const last = ask(4, "ping");
  await refused;
  await transport.close();
  await expect(last).rejects.toThrow();
  expect(sessions).toBe(3);
});
