// The view of the supervision tree: what `banyan observe` shows of an app from outside, shown from inside.
import type { Inspected } from "../../actors/control/protocol.js";
import type { Input } from "../keys.js";
import type { Size } from "../layout.js";
import { observeLines } from "../observe/lines.js";
import type { Snapshot } from "../observe/rows.js";
import { ObserveView } from "../observe/view.js";
import type { Theme } from "../theme.js";
import type { FullView, ViewHost } from "./full-view.js";
import type { HeardReport } from "./looks.js";
import type { Deed } from "./view-feed.js";

export interface TreeActions {
  act(deed: Deed): Promise<string>;
  inspect(process: string): Promise<Inspected>;
}

export class TreeView implements FullView {
  readonly #view: ObserveView;

  constructor({ act, inspect }: TreeActions, host: ViewHost) {
    this.#view = new ObserveView({
      inspect,
      intervene: async (action, process) => ({ said: await act({ do: action, process }) }),
      quit: () => host.back(),
    });
    this.#view.connected(process.pid, 0);
    this.#view.subscribe(() => host.changed());
  }

  get typing(): boolean {
    return this.#view.state().typing;
  }

  take(snapshot: Snapshot): void {
    this.#view.take(snapshot);
  }

  hear(reports: readonly HeardReport[]): void {
    for (const heard of reports) {
      this.#view.take(
        "lost" in heard ? { event: "lost", count: heard.lost } : { event: "report", report: heard.report },
      );
    }
  }

  key(input: Input): void {
    this.#view.key(input);
  }

  lines(size: Size, theme: Theme, now: number): readonly string[] {
    return observeLines(this.#view.state(), size, theme, now, (scroll) => this.#view.scrolledTo(scroll));
  }
}
