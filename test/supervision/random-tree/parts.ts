// The processes of a random tree: workers that do what they are asked and tell the world, supervisors that are seen, and a
// witness outside the tree to whom everybody sends.
import {
  DynamicSupervisor,
  type DynamicSupervisorOptions,
  failure,
  GenServer,
  isDown,
  isExit,
  monitor,
  type Named,
  named,
  noReply,
  type Pid,
  Supervisor,
  type SupervisorOptions,
  stop,
} from "../../../src/supervision/index.js";
import { resolveRef } from "../../../src/supervision/ref.js";
import { processKey } from "../../../src/supervision/server.js";
import type { CallRecord, Life, Place, Watch, World } from "./world.js";

export interface PartArg {
  readonly world: World;
  readonly place: Place;
  readonly traps: boolean;
  readonly asyncInit: boolean;
  /** Virtual milliseconds that `terminate` takes. */
  readonly slowStop: number;
  readonly witness: Pid<Witness>;
}

/** Waits in virtual time. */
function sleep(world: World, ms: number): Promise<void> {
  return new Promise((resolve) => void world.runtime.clock.setTimer(ms, resolve));
}

export class Part extends GenServer<PartArg> {
  private arg!: PartArg; // set by init
  private life!: Life; // set by init

  protected override init(arg: PartArg): unknown {
    const { world } = arg;
    this.arg = arg;
    this.trapExit = arg.traps;
    const life = world.born(arg.place, this[processKey]);
    this.life = life;
    this.signal.addEventListener("abort", () => world.died(life), { once: true });
    if (world.flaky && world.luck() < 0.15) throw new Error("a flaky init");
    const ready = (): void => {
      life.ready = life.died === undefined;
    };
    return arg.asyncInit
      ? Promise.resolve()
          .then(() => sleep(world, 1))
          .then(ready)
      : ready();
  }

  protected override async terminate() {
    if (this.arg.slowStop > 0) await sleep(this.arg.world, this.arg.slowStop);
  }

  echo(call: CallRecord) {
    call.handled++;
    return call.id;
  }
  fail(call: CallRecord): never {
    call.handled++;
    throw new Error("asked to fail");
  }
  refuse(call: CallRecord) {
    call.handled++;
    return failure(new RangeError("refused"));
  }
  /** Ends by itself, cleanly. */
  leave(call: CallRecord) {
    call.handled++;
    return stop("normal", call.id);
  }
  async hang(call: CallRecord) {
    call.handled++;
    await new Promise(() => {});
  }
  later(call: CallRecord) {
    call.handled++;
    const from = this.from<number>();
    this.sendAfter(20, () => from.reply(call.id));
    return noReply;
  }
  /** Answers after a while, and then tries everything a process can do, dead or alive. */
  async slow(call: CallRecord) {
    call.handled++;
    await sleep(this.arg.world, 30);
    const dead = this.life.died !== undefined;
    const witness = this.use(this.arg.witness);
    witness.cast.note(dead, this.arg.place.id);
    if (dead) {
      this.sendAfter(5, () => this.arg.world.violated(`a timer of the dead ${this.arg.place.id} fired`));
      this.link(this.arg.witness);
      this.monitor(this.arg.witness);
    }
    return call.id;
  }
  async relay(call: CallRecord, to: string, inner: CallRecord) {
    call.handled++;
    const reply = this.use(named<Part>(to)).call.echo(inner);
    await track(inner, reply);
    return call.id;
  }
  protected override handleInfo(message: unknown) {
    if (typeof message === "function") message();
  }
}

/** Counts how a call ends. */
export async function track(call: CallRecord, reply: Promise<unknown>): Promise<void> {
  try {
    call.outcome = await reply;
  } catch (error) {
    call.outcome = error;
  }
  call.settled++;
}

export interface BranchArg extends SupervisorOptions {
  readonly world: World;
  readonly place: Place;
  readonly places: readonly Place[];
}

export class Branch extends Supervisor {
  protected override async init(arg: BranchArg) {
    const { world, place, places, strategy, maxRestarts = 3, maxSeconds = 5, autoShutdown = "never" } = arg;
    const process = this[processKey];
    const life = world.born(place, process);
    const period = maxSeconds * 1000;
    world.supervises(process, {
      strategy,
      maxRestarts,
      period,
      autoShutdown,
      places,
      most: places.length,
      pool: false,
    });
    this.signal.addEventListener("abort", () => world.died(life), { once: true });
    const result = await super.init(arg);
    life.ready = result === undefined;
    return result;
  }
}

export interface PoolArg extends DynamicSupervisorOptions {
  readonly world: World;
  readonly place: Place;
  readonly maxRestarts: number;
  readonly maxChildren: number;
}

export class Pool extends DynamicSupervisor {
  protected override init(arg: PoolArg) {
    const { world, place, maxRestarts, maxChildren } = arg;
    const process = this[processKey];
    const life = world.born(place, process);
    const facts = { strategy: "one_for_one", autoShutdown: "never", places: [], period: 5_000, pool: true } as const;
    world.supervises(process, { ...facts, maxRestarts, most: maxChildren });
    this.signal.addEventListener("abort", () => world.died(life), { once: true });
    life.ready = true;
    return super.init(arg);
  }
}

/** Lives through the whole run; watches, links to and hears of the others. */
export class Witness extends GenServer<World> {
  private world!: World; // set by init
  private readonly monitors = new Map<number, Watch>();
  private readonly links = new Map<string, Watch>();

  protected override init(world: World) {
    this.world = world;
    this.trapExit = true;
  }

  note(sentAfterDeath: boolean, by: string) {
    if (sentAfterDeath) this.world.violated(`${by} sent a message after its death`);
  }

  watch(name: Named<Part>) {
    const target = resolveRef(name);
    const watch: Watch = { target, what: `the monitor of ${name.name}`, told: 0 };
    this.world.watches.push(watch);
    this.monitors.set(this.monitor(name), watch);
    if (target === undefined) return;
    const byPlainCode: Watch = { target, what: `plain code's monitor of ${name.name}`, told: 0 };
    this.world.watches.push(byPlainCode);
    monitor(name, () => {
      byPlainCode.told++;
      if (resolveRef(name) === target) this.world.violated(`${name.name} is still registered when its DOWN arrives`);
    });
  }

  bind(name: Named<Part>) {
    const target = resolveRef(name);
    if (target === undefined || this.links.has(target.id)) return;
    const watch: Watch = { target, what: `the link to ${name.name}`, told: 0 };
    this.world.watches.push(watch);
    this.links.set(target.id, watch);
    this.link(name);
  }

  protected override handleInfo(message: unknown) {
    if (isDown(message)) {
      const watch = this.monitors.get(message.id);
      if (watch === undefined) this.world.violated("a DOWN of no monitor");
      else watch.told++;
      if (watch?.target?.alive) this.world.violated("a DOWN of a living process");
    }
    if (isExit(message)) {
      const watch = this.links.get(message.pid?.id ?? "");
      if (watch === undefined) this.world.violated(`an EXIT of no link, from ${message.pid?.id}`);
      else watch.told++;
    }
  }
}
