import { afterEach, expect, test } from "vitest";
import { Watching } from "../../src/actors/watching.js";
import {
  Application,
  child,
  exit,
  GenServer,
  type Named,
  named,
  type Ref,
  send,
  whereis,
} from "../../src/supervision/index.js";

interface Listener {
  told(word: string): void;
}

/** Forgets whom it tells, as a process does that crashes. */
class Teller extends GenServer<void, undefined> {
  private readonly listeners: Ref<Listener>[] = [];
  watch(listener: Ref<Listener>): void {
    this.listeners.push(this.use(listener));
  }
  tell(word: string): void {
    for (const listener of this.listeners) listener.cast.told(word);
  }
}

interface WatcherOptions {
  readonly teller: Named<Teller>;
  /** Runs once the first question is answered, before anything else is done. */
  readonly answered: () => Promise<void>;
}

class Watcher extends GenServer<WatcherOptions, string[]> implements Listener {
  private readonly watching = new Watching({
    monitor: (ref) => this.monitor(ref),
    demonitor: (id) => this.demonitor(id, { flush: true }),
    send: (message) => send(this.self(), message),
    sendAfter: (ms, message) => void this.sendAfter(ms, message),
  });
  protected override init({ teller, answered }: WatcherOptions) {
    this.state = [];
    let asked = 0;
    this.watching.begin(teller, async () => {
      await this.use(teller).call.watch(this.self<Watcher>());
      if (asked++ === 0) await answered();
    });
  }
  protected override async handleInfo(message: unknown) {
    await this.watching.took(message);
  }
  told(word: string): void {
    this.state.push(word);
  }
  heard(): readonly string[] {
    return this.state;
  }
}

const teller = named<Teller>("teller");
let app: Application | undefined;
afterEach(() => app?.stop());

async function start(answered: () => Promise<void> = async () => {}) {
  const watcher = named<Watcher>("watcher");
  app = await Application.start({
    strategy: "one_for_one",
    children: [child(Teller, undefined, { name: teller }), child(Watcher, { teller, answered }, { name: watcher })],
  });
  await watcher.call.heard(); // its first question is answered
  return watcher;
}

async function kill(): Promise<void> {
  const dead = whereis(teller);
  exit(teller, "kill");
  await dead?.down;
  await expect.poll(() => whereis(teller)?.inspect().status).toBe("running");
}

test("hears what a process that crashed tells as soon as it is back", async () => {
  const watcher = await start();
  await kill();
  await teller.call.tell("back");
  expect(await watcher.call.heard()).toEqual(["back"]);
});

test("asks a process again that crashed right after its answer", async () => {
  const watcher = await start(kill);
  await teller.call.tell("back");
  expect(await watcher.call.heard()).toEqual(["back"]);
});
