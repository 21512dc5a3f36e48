// Notes: says on stderr what there is to say while Banyan serves; nobody looks at a screen. What has become of a damaged database, which
// it hears from the Store, it has written to the log too.
// permanent, shutdown at once; it holds nothing. When it or the Store comes back it asks again, and says what it has not said yet.
import { again } from "../actors/again.js";
import type { Store, StoreWatcher } from "../actors/store/store.js";
import type { Telemetry } from "../actors/telemetry/telemetry.js";
import { Watching } from "../actors/watching.js";
import { currentRuntime, GenServer, type Named, send } from "../supervision/index.js";
import { warn } from "./warn.js";

export interface NotesOptions {
  readonly store: Named<Store>;
  /** Writes the log, and is started after the Store: what is reported before it is there is lost. */
  readonly telemetry: Named<Telemetry>;
}

export class Notes extends GenServer<NotesOptions> implements StoreWatcher {
  private options!: NotesOptions; // set by init
  private readonly said = new Set<string>();
  private readonly watching = new Watching({
    monitor: (ref) => this.monitor(ref),
    demonitor: (id) => this.demonitor(id, { flush: true }),
    send: (message) => send(this.self(), message),
    sendAfter: (ms, message) => void this.sendAfter(ms, message),
  });

  protected override init(options: NotesOptions): void {
    this.options = options;
    const { store } = options;
    this.watching.begin(store, async () => {
      const { notices } = await this.use(store).call.watch(this.self<Notes>());
      for (const notice of notices) await this.storeChanged(notice);
    });
  }

  note(_level: "info" | "warn", text: string): void {
    warn(text);
  }

  async storeChanged(notice: string): Promise<void> {
    if (this.said.has(notice)) return;
    this.said.add(notice);
    warn(notice);
    await again(() => this.use(this.options.telemetry).call.getStatus());
    currentRuntime().report("warning", this.self(), { description: notice });
  }

  protected override async handleInfo(message: unknown): Promise<void> {
    await this.watching.took(message);
  }
}
