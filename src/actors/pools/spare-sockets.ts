// The warm connections of a pool. undici's clients ask for a connection when a request needs one, and are given it from here,
// where at least `min` connections, in use or spare, are kept open. A connection that is being opened goes to whoever
// asked first, so that there are never more of them than the pool may have.
import type { Socket } from "node:net";
import type { buildConnector } from "undici";

type Target = buildConnector.Options;
type Asked = buildConnector.Callback;

export interface SpareSocketsOptions {
  readonly origin: URL;
  /** Least connections open. */
  readonly min: number;
  readonly connect: buildConnector.connector;
  /** A connection was opened. */
  readonly opened: () => void;
  /** A spare connection was closed by the origin, or could not be opened: call {@link SpareSockets.restock} after a pause. */
  readonly missing: (error: Error | undefined) => void;
}

export class SpareSockets {
  private readonly target: Target;
  private readonly spare = new Set<Socket>();
  private readonly lent = new Set<Socket>();
  private readonly asking: Asked[] = [];
  /** Takes away what listens on a spare socket. */
  private readonly release = new WeakMap<Socket, () => void>();
  private opening = 0;
  private ended = false;

  constructor(private readonly options: SpareSocketsOptions) {
    const { host, hostname, protocol, port } = options.origin;
    this.target = { host, hostname: hostname.replace(/^\[|\]$/g, ""), protocol, port };
  }

  /** Opens what is missing. */
  restock(): void {
    while (!this.ended && this.lent.size + this.spare.size + this.opening < this.options.min) this.open();
  }

  /** What undici calls for a connection. It must not be called back before it has returned. */
  readonly connector: buildConnector.connector = (_, callback) => {
    this.asking.push(callback);
    process.nextTick(() => this.serve());
  };

  /** Closes the spare ones; those lent are undici's to close. */
  end(): void {
    this.ended = true;
    for (const socket of [...this.spare]) socket.destroy();
    this.spare.clear();
    for (const callback of this.asking.splice(0)) callback(new Error("the pool has ended"), null);
  }

  private serve(): void {
    for (const socket of this.spare) {
      const asked = this.asking.shift();
      if (asked === undefined) return;
      this.lend(socket, asked);
    }
    while (this.opening < this.asking.length) this.open();
  }

  private open(): void {
    this.opening++;
    this.options.connect(this.target, (...[error, socket]) => {
      this.opening--;
      if (this.ended) socket?.destroy();
      else if (error === null) {
        this.keep(socket);
        this.options.opened();
        this.serve();
      } else {
        const asked = this.asking.shift();
        if (asked === undefined) this.options.missing(error);
        else asked(error, null);
      }
    });
  }

  /** A spare connection that the origin closes, or says something on unasked, is of no use. */
  private keep(socket: Socket): void {
    const drop = (): void => void socket.destroy();
    const gone = (): void => {
      if (this.spare.delete(socket)) this.options.missing(undefined);
      else if (this.lent.delete(socket)) this.restock();
    };
    this.spare.add(socket);
    socket.on("close", gone);
    for (const event of ["readable", "end", "error"]) socket.on(event, drop);
    this.release.set(socket, () => {
      for (const event of ["readable", "end", "error"]) socket.off(event, drop);
    });
    socket.unref();
  }

  private lend(socket: Socket, callback: Asked): void {
    this.spare.delete(socket);
    this.release.get(socket)?.();
    this.lent.add(socket);
    socket.ref();
    callback(null, socket);
  }
}
