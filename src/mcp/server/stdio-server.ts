// The StdioServer: one client, which is whoever started the program, spoken to over its stdin and stdout. When stdin ends the client
// is gone: what it asked last has a moment to be answered, for scripts that write all they have and close, and then `onEnd` is told.
// permanent, shutdown at once; when it crashes the program ends, since the client cannot begin a session anew on the same pipe.
import type { Readable, Writable } from "node:stream";
import { child, GenServer, isDown, type Pid, type Ref, startChild } from "../../supervision/index.js";
import { ClientSession, type ClientSessionOptions } from "./client-session.js";
import { Gate, type GateLimits } from "./gate/gate.js";
import { KEYLESS } from "./gate/principal.js";
import { StdioChannel, type StdioLimits } from "./stdio-channel.js";

export interface StdioServerOptions extends Omit<ClientSessionOptions, "id" | "peer" | "owner" | "shared" | "pass"> {
  /** The supervisor of sessions. */
  readonly sessions: Ref<unknown>;
  readonly limits: StdioLimits;
  readonly gate: GateLimits;
  readonly input: Readable;
  readonly output: Writable;
  /** The client is gone. `ok`: as it should be. */
  readonly onEnd: (ok: boolean) => void;
}

const LAST_ANSWERS_MS = 1_000;
const ENDED = "stdin has ended";
const BROKEN = "nobody reads stdout";

export class StdioServer extends GenServer<StdioServerOptions> {
  private options!: StdioServerOptions; // set by init
  private session: Pid<ClientSession> | undefined;

  protected override async init(options: StdioServerOptions): Promise<void> {
    this.options = options;
    const { sessions, limits, gate, input, output, onEnd, ...session } = options;
    const self = this.self<StdioServer>();
    this.on(input, "end", () => self.cast.over(ENDED));
    this.on(input, "close", () => self.cast.over(ENDED));
    this.on(output, "error", () => self.cast.over(BROKEN));
    this.signal.addEventListener("abort", () => onEnd(false), { once: true }); // the first word counts
    const { peer } = new StdioChannel(input, output, limits);
    const only = new Gate(gate);
    this.signal.addEventListener("abort", only.show(), { once: true });
    const arg = { ...session, id: "stdio", peer, owner: self, pass: only.pass(KEYLESS) };
    const result = await startChild(this.use(sessions), child(ClientSession, arg, { restart: "temporary" }));
    if (!("ok" in result) || result.ok === undefined) throw new Error("no session could be begun");
    this.session = result.ok as Pid<ClientSession>; // what was asked for above
    this.monitor(this.session);
  }

  async over(how: typeof ENDED | typeof BROKEN): Promise<void> {
    if (how === ENDED && this.session !== undefined) {
      const session = this.use(this.session).with({ timeout: LAST_ANSWERS_MS });
      await session.call.drained().catch(() => {}); // it had its moment
    }
    this.options.onEnd(true);
  }

  /** The session ended before its client did. */
  protected override handleInfo(message: unknown): void {
    if (isDown(message)) this.options.onEnd(false);
  }
}
