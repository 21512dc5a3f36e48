// The LazyServerManager: when a lazy server runs though nobody calls it. What a lazy server offers must be known before anybody can
// call it, so one of which nothing is remembered is connected once, a few at a time, and put to sleep again when it has told; and
// one that was called and has not been needed for its `idle_stop` is put to sleep likewise. A call wakes its server by itself.
//
// Permanent, shutdown at once. It keeps nothing: whatever happens, it looks anew at how the lazy servers stand.
import { Watching } from "../../actors/watching.js";
import { GenServer, type Named, send } from "../../supervision/index.js";
import type { ServerWatcher } from "./server-events.js";
import type { ServerManager } from "./server-manager.js";
import { isUp } from "./server-status.js";

export interface LazyServerManagerOptions {
  readonly name: Named<LazyServerManager>;
  readonly servers: Named<ServerManager>;
}

/** So many are connected at a time for nothing but their lists. */
const AT_A_TIME = 8;
const LOOK = "look";

export class LazyServerManager extends GenServer<LazyServerManagerOptions> implements ServerWatcher {
  private options!: LazyServerManagerOptions; // set by init
  private lookPlanned = false;
  private cancelLook = (): void => {};
  private readonly watching = new Watching({
    monitor: (ref) => this.monitor(ref),
    demonitor: (id) => this.demonitor(id, { flush: true }),
    send: (message) => send(this.self(), message),
    sendAfter: (ms, message) => void this.sendAfter(ms, message),
  });

  protected override init(options: LazyServerManagerOptions): void {
    this.options = options;
    const { name, servers } = options;
    this.watching.begin(servers, async () => {
      await this.use(servers).call.subscribe(name);
      this.look();
    });
  }

  serverEvent(): void {
    this.look();
  }

  /** Something about the lazy servers may be different; many such words are one look. */
  look(): void {
    if (this.lookPlanned) return;
    this.lookPlanned = true;
    send(this.self(), LOOK);
  }

  protected override async handleInfo(message: unknown): Promise<void> {
    if (message !== LOOK) return void (await this.watching.took(message));
    this.lookPlanned = false;
    this.cancelLook();
    const servers = await this.use(this.options.servers)
      .call.lazyServers()
      .catch(() => []); // one that comes back is watched again, which is a look
    const coming = servers.filter(({ state }) => state === "connecting" || state === "initializing");
    const wanted = servers.filter(({ listsWanted }) => listsWanted).slice(0, Math.max(0, AT_A_TIME - coming.length));
    for (const { wrapper } of wanted) this.use(wrapper).cast.connect();
    const up = servers.filter(({ state }) => isUp(state));
    const rests = await Promise.all(
      up.map(({ wrapper }) =>
        this.use(wrapper)
          .call.rest()
          .catch(() => undefined),
      ),
    );
    const next = Math.min(...rests.map((ms) => ms ?? Number.POSITIVE_INFINITY));
    if (Number.isFinite(next)) this.cancelLook = this.sendAfter(Math.max(1, next), LOOK);
  }
}
