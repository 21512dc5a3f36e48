import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { HttpEndpoint } from "../../../../src/mcp/client/http/endpoint.js";

test("a refusal that the authorizer gives up at frees its connection, however long its body is", async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(403);
    response.write("x".repeat(1_000_000)); // and there is no end to it
  });
  onTestFinished(() => void server.close().closeAllConnections());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const closed = new Promise<void>((resolve) => {
    server.once("connection", (socket) => socket.once("close", () => resolve()));
  });
  const { port } = server.address() as AddressInfo; // it listens on a port
  const endpoint = new HttpEndpoint({
    server: "remote",
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    headers: {},
    connectTimeoutMs: 5_000,
    authorizer: {
      authorization: async () => "Bearer something",
      refused: async () => {
        throw new Error("that is not granted");
      },
    },
  });
  onTestFinished(() => endpoint.end());
  const { signal } = new AbortController();
  await expect(endpoint.request({ method: "POST", headers: {}, body: "{}", signal })).rejects.toThrow("not granted");
  await closed;
});
