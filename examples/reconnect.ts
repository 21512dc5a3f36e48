import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Application, child, exit, GenServer, named } from "banyan";

// One incarnation is one connection. Connecting again is not its business: it ends, and its supervisor waits and starts another.
class Connection extends GenServer<number, { socket: Socket }> {
  protected override async init(port: number) {
    const socket = connect(port, "127.0.0.1");
    this.signal.addEventListener("abort", () => socket.destroy());
    await once(socket, "connect");
    this.on(socket, "error", () => {}); // "close" follows
    this.on(socket, "close", () => exit(this.self<Connection>(), { error: new Error("the connection was lost") }));
    this.state = { socket };
  }

  async ask(text: string) {
    this.state.socket.write(text);
    const [answer] = await once(this.state.socket, "data", { signal: this.callSignal });
    return String(answer);
  }
}

const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket);
  socket.on("error", () => {}).pipe(socket);
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo; // it listens on TCP

const connection = named<Connection>("connection");
const app = await Application.start({
  strategy: "one_for_one",
  maxRestarts: 20,
  maxSeconds: 10,
  children: [child(Connection, port, { name: connection, backoff: { initial: 20, max: 200, jitter: 0.5 } })],
});
console.log(await connection.call.ask("hello")); // hello

const lost = connection.down;
server.close(); // the server goes away …
for (const socket of sockets) socket.destroy();
await once(server, "close");
await lost;
setTimeout(() => server.listen(port, "127.0.0.1"), 200); // … and comes back

console.log(await connection.call.ask("hello again")); // hello again
const [{ restarts } = { restarts: 0 }] = app.tree()?.children ?? [];
console.log(restarts > 0); // true
await app.stop();
server.close();
