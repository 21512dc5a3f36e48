// An HTTP server on loopback that counts its connections and the requests it is working on.
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";

export class Origin {
  /** Connections ever made. */
  connections = 0;
  requests = 0;
  /** Most requests at once. */
  most = 0;
  readonly open = new Set<Socket>();
  /** Answers that `/held` requests wait for. */
  readonly held: ServerResponse[] = [];
  /** What `/health` answers. */
  health = 200;
  port = 0;
  private working = 0;
  private server: Server | undefined;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens; again on the same port after {@link down}. */
  async up(): Promise<void> {
    const server = createServer((request, response) => {
      this.requests++;
      this.most = Math.max(this.most, ++this.working);
      response.on("close", () => this.working--);
      const { pathname } = new URL(request.url ?? "/", "http://origin");
      if (pathname === "/held") this.held.push(response);
      else if (pathname === "/health") response.writeHead(this.health).end();
      else if (pathname === "/endless") this.pour(response);
      else if (pathname === "/broken") response.write("half", () => request.socket.destroy());
      else if (pathname === "/echo") {
        response.writeHead(201, { "x-method": request.method, "set-cookie": ["a=1", "b=2"] });
        request.pipe(response);
      } else response.end("hello");
    });
    server.keepAliveTimeout = 60_000;
    server.on("connection", (socket) => {
      this.connections++;
      this.open.add(socket);
      socket.on("close", () => this.open.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    this.port = (server.address() as AddressInfo).port; // a TCP server's
    this.server = server;
  }

  /** Stops at once, its connections cut. */
  async down(): Promise<void> {
    for (const socket of this.open) socket.destroy();
    await new Promise((resolve) => (this.server === undefined ? resolve(undefined) : this.server.close(resolve)));
    this.server = undefined;
  }

  private pour(response: ServerResponse): void {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) {}
    };
    response.on("drain", more);
    more();
  }
}

export async function startOrigin(): Promise<Origin> {
  const origin = new Origin();
  await origin.up();
  onTestFinished(() => origin.down());
  return origin;
}
