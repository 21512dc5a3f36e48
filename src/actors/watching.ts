// Watching other processes for good. What a process watches may crash, and the one that comes back in its place knows nobody: so it
// is asked again, and its answer brings the watcher up to date. The watcher's half of every `watch` and `subscribe`.
import { type Down, isDown, type Named } from "../supervision/index.js";
import { again } from "./again.js";

/** Of a {@link Watching}, to the process that has it. */
class AskAgain {
  constructor(readonly name: string) {}
}

/** Asks the process to tell what changes from now on, and takes in where things stand. */
type Ask = () => Promise<void>;

/** What the process that watches does for it. */
interface Host {
  monitor(ref: Named<unknown>): number;
  demonitor(monitor: number): void;
  /** To itself. */
  send(message: unknown): void;
  sendAfter(ms: number, message: unknown): void;
}

/** Pause before a process that did not answer is asked again. */
const NO_ANSWER_MS = 500;

export class Watching {
  private readonly asks = new Map<string, { readonly ref: Named<unknown>; readonly ask: Ask }>();
  private readonly monitors = new Map<number, string>();

  constructor(private readonly host: Host) {}

  /** Begins with the next message, so that an `init` does not wait for it. */
  begin(ref: Named<unknown>, ask: Ask): void {
    this.asks.set(ref.name, { ref, ask });
    this.host.send(new AskAgain(ref.name));
  }

  /** To be given every message of `handleInfo`; true when it was about a process that is watched. */
  async took(message: unknown): Promise<boolean> {
    if (message instanceof AskAgain) await this.ask(message.name);
    else if (isDown(message)) return this.lost(message);
    return message instanceof AskAgain;
  }

  private async ask(name: string): Promise<void> {
    const watched = this.asks.get(name);
    if (watched === undefined) return;
    // First, for it may crash right after its answer.
    const monitor = this.host.monitor(watched.ref);
    this.monitors.set(monitor, name);
    try {
      await again(watched.ask);
    } catch {
      this.monitors.delete(monitor);
      this.host.demonitor(monitor);
      this.host.sendAfter(NO_ANSWER_MS, new AskAgain(name));
    }
  }

  /** At once: the question waits at the name, before whatever the next incarnation has to tell. */
  private lost({ id }: Down): boolean {
    const name = this.monitors.get(id);
    if (name === undefined) return false;
    this.monitors.delete(id);
    this.host.send(new AskAgain(name));
    return true;
  }
}
