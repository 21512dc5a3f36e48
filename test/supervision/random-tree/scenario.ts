// Random trees, random things that happen to them, and one run of both under simulation.
import fc from "fast-check";
import {
  Application,
  type AutoShutdown,
  type Backoff,
  type ChildSpec,
  child,
  exit,
  named,
  type Overflow,
  type Report,
  type Restart,
  type SimulatedRuntime,
  type Strategy,
  startChild,
  terminateChild,
  whereis,
} from "../../../src/supervision/index.js";
import { resolveRef } from "../../../src/supervision/ref.js";
import { seededRandom } from "../../../src/supervision/seeded-random.js";
import { Branch, type BranchArg, Part, Pool, type PoolArg, track, Witness } from "./parts.js";
import { type CallRecord, type Place, World } from "./world.js";

export interface WorkerPlan {
  readonly kind: "worker";
  readonly restart: Restart;
  readonly traps: boolean;
  readonly asyncInit: boolean;
  readonly slowStop: number;
  readonly brutal: boolean;
  readonly keeps: boolean;
  readonly significant: boolean;
  readonly capacity: number | undefined;
  readonly overflow: Overflow;
  readonly progressDeadline: number | undefined;
  readonly pauses: "none" | "backoff" | "park";
}

export interface BranchPlan {
  readonly kind: "branch";
  readonly restart: Restart;
  readonly strategy: Strategy;
  readonly maxRestarts: number;
  readonly autoShutdown: AutoShutdown;
  readonly children: readonly (WorkerPlan | BranchPlan | PoolPlan)[];
}

/** A dynamic supervisor: its children come with the story. */
export interface PoolPlan {
  readonly kind: "pool";
  readonly restart: Restart;
  readonly maxRestarts: number;
  readonly maxChildren: number;
  readonly children: readonly WorkerPlan[];
}

const BACKOFF: Backoff = { initial: 40, max: 300, jitter: 0.5 };
const PARK: Backoff = { initial: 1_000, max: 3_000, jitter: 0.2 };

const does = ["echo", "fail", "refuse", "leave", "hang", "later", "slow", "relay"] as const;
const doesToParts = [...does, "cast", "burst", "kill", "stop", "watch", "bind", "terminate"] as const;
const happens = [...doesToParts, "kill a supervisor", "start a child", "start a child", "wait"] as const;
/** Calls at once, more than any capacity here. */
const BURST = 5;

export interface Happening {
  readonly what: (typeof happens)[number];
  readonly target: number;
  readonly other: number;
  /** Virtual milliseconds that pass afterwards; undefined: the next follows at once. */
  readonly pause: number | undefined;
}

const restart = fc.constantFrom<Restart>("permanent", "permanent", "transient", "temporary");

const worker: fc.Arbitrary<WorkerPlan> = fc.record({
  kind: fc.constant("worker" as const),
  restart,
  traps: fc.boolean(),
  asyncInit: fc.boolean(),
  slowStop: fc.constantFrom(0, 0, 3, 80),
  brutal: fc.boolean(),
  keeps: fc.boolean(),
  significant: fc.boolean(),
  capacity: fc.constantFrom(undefined, undefined, 1, 3),
  overflow: fc.constantFrom<Overflow>("reject", "drop_oldest", "drop_newest"),
  progressDeadline: fc.constantFrom(undefined, 500),
  pauses: fc.constantFrom<WorkerPlan["pauses"]>("none", "none", "backoff", "park"),
});

const pool: fc.Arbitrary<PoolPlan> = fc.record({
  kind: fc.constant("pool" as const),
  restart,
  maxRestarts: fc.integer({ min: 0, max: 4 }),
  maxChildren: fc.integer({ min: 1, max: 3 }),
  children: fc.array(worker, { minLength: 1, maxLength: 3 }),
});

function branch(depth: number): fc.Arbitrary<BranchPlan> {
  const leaves = [
    { weight: 5, arbitrary: worker },
    { weight: 1, arbitrary: pool },
  ];
  const below: fc.Arbitrary<WorkerPlan | BranchPlan | PoolPlan> =
    depth === 0 ? fc.oneof(...leaves) : fc.oneof(...leaves, { weight: 2, arbitrary: branch(depth - 1) });
  return fc.record({
    kind: fc.constant("branch" as const),
    restart,
    strategy: fc.constantFrom<Strategy>("one_for_one", "one_for_all", "rest_for_one"),
    maxRestarts: fc.integer({ min: 0, max: 4 }),
    autoShutdown: fc.constantFrom<AutoShutdown>("never", "never", "any_significant", "all_significant"),
    children: fc.array(below, { minLength: 1, maxLength: 4 }),
  });
}

export const trees = branch(2);

export const happenings = fc.array(
  fc.record({
    what: fc.constantFrom(...happens),
    target: fc.nat(20),
    other: fc.nat(20),
    pause: fc.option(fc.constantFrom(0, 1, 10, 200, 2_500), { nil: undefined }),
  }),
  { minLength: 3, maxLength: 14 },
);

/** Runs the tree and what happens to it; throws with what was violated. */
export async function runTree(
  runtime: SimulatedRuntime,
  tree: BranchPlan,
  happening: readonly Happening[],
  seed: number,
): Promise<void> {
  const luck = seededRandom(seed, 9);
  const world = new World(runtime, luck);
  const inject = runtime.beforeHandling;
  runtime.beforeHandling = (process, message) => {
    if (!(process.behaviour instanceof Witness)) inject?.(process, message);
  };
  const cancel = listenForOverflows(runtime, world);
  const witness = await Witness.start(world);
  const cast: Cast = { world, witness, workers: [], supervisors: [], pools: [] };
  const children = [specOf(cast, { ...tree, restart: "permanent" }, placeOf(tree, "t", 0, "never"))];
  const app = await Application.start({ strategy: "one_for_one", maxRestarts: 10_000, maxSeconds: 1, children });
  world.flaky = true;
  for (const each of happening) {
    happen(cast, each);
    if (each.pause === undefined) continue;
    await runtime.advance(each.pause);
    if (runtime.now > 0) world.checkAtRest();
  }
  world.flaky = false;
  await runtime.advance(100);
  runtime.beforeHandling = undefined;
  await app.stop();
  if (!["shutdown", "killed"].includes(String(await app.done))) world.violated("the tree did not end by shutdown");
  await runtime.advance(1_000); // what an orphan has in its mailbox may be what it hangs in
  for (const orphan of world.orphans()) orphan.exitSignal(undefined, "kill", false);
  await runtime.advance(10_000);
  const ties = resolveRef(witness)?.ties ?? 0;
  if (ties > 0) world.violated(`${ties} links, monitors or timers of the witness are left`);
  exit(witness, "kill");
  await runtime.advance(1_000);
  cancel();
  world.checkAtEnd();
  const [first] = world.violations;
  if (first !== undefined) throw new Error(world.violations.slice(0, 5).join("; "));
}

/** The processes of one run, by their ids. */
interface Cast {
  readonly world: World;
  readonly witness: Awaited<ReturnType<typeof Witness.start<typeof Witness>>>;
  readonly workers: string[];
  readonly supervisors: string[];
  readonly pools: { readonly id: string; readonly plan: PoolPlan; started: number }[];
}

function listenForOverflows(runtime: SimulatedRuntime, world: World): () => void {
  const count = ({ dropped }: Report): void => {
    if (dropped === "call") world.overflows++;
  };
  runtime.reports.on("overflow", count);
  return () => void runtime.reports.off("overflow", count);
}

type Plan = WorkerPlan | BranchPlan | PoolPlan;

function placeOf(plan: Plan, id: string, position: number, autoShutdown: AutoShutdown): Place {
  const { kind, restart } = plan;
  const bare = { id, position, restart, significant: false, backoff: undefined, park: undefined };
  if (kind !== "worker") return bare;
  return {
    ...bare,
    significant: plan.significant && restart !== "permanent" && autoShutdown !== "never",
    backoff: plan.pauses === "backoff" ? BACKOFF : undefined,
    park: plan.pauses === "park" ? PARK : undefined,
  };
}

function specOf(cast: Cast, plan: Plan, place: Place): ChildSpec {
  const { world } = cast;
  const { id, restart } = place;
  if (plan.kind === "worker") return workerSpec(cast, plan, place);
  cast.supervisors.push(id);
  if (plan.kind === "pool") {
    cast.pools.push({ id, plan, started: 0 });
    const { maxRestarts, maxChildren } = plan;
    const arg: PoolArg = { world, place, maxRestarts, maxChildren, maxSeconds: 5 };
    return child(Pool, arg, { id, name: named<Pool>(id), restart });
  }
  const { strategy, maxRestarts, autoShutdown, children } = plan;
  const below = children.map((each, index) => placeOf(each, `${id}.${index}`, index, autoShutdown));
  const specs = below.map((each, index) => specOf(cast, children[index] ?? plan, each));
  const arg: BranchArg = {
    ...{ world, place, places: below },
    ...{ strategy, maxRestarts, maxSeconds: 5, autoShutdown, children: specs },
  };
  return child(Branch, arg, { id, name: named<Branch>(id), restart });
}

function workerSpec({ world, witness, workers }: Cast, plan: WorkerPlan, place: Place): ChildSpec {
  const { id, restart, significant, backoff, park } = place;
  workers.push(id);
  const { traps, asyncInit, slowStop, brutal, keeps, capacity, overflow, progressDeadline } = plan;
  const arg = { world, place, traps, asyncInit, slowStop, witness };
  return child(Part, arg, {
    ...{ id, name: named<Part>(id), restart, significant, overflow },
    mailbox: keeps ? "keep" : "drop",
    shutdown: brutal ? "brutal_kill" : 50,
    ...(capacity === undefined ? {} : { capacity }),
    ...(progressDeadline === undefined ? {} : { progressDeadline }),
    ...(backoff === undefined ? {} : { backoff }),
    ...(park === undefined ? {} : { park }),
  });
}

function happen(cast: Cast, happening: Happening): void {
  const { world, supervisors, workers } = cast;
  const { what, target } = happening;
  if (what === "wait") return;
  if (what === "kill a supervisor") {
    const id = supervisors[target % supervisors.length];
    if (id !== undefined) exit(named<Branch>(id), "kill");
  } else if (what === "start a child") startInPool(cast, target);
  else {
    const id = workers[target % workers.length];
    if (id !== undefined) happenTo(world, cast, id, what, workers[happening.other % workers.length] ?? id);
  }
}

/** One more child for a pool, under an id that nobody had. */
function startInPool(cast: Cast, target: number): void {
  const pool = cast.pools[target % cast.pools.length];
  if (pool === undefined) return;
  const { id, plan } = pool;
  const supervisor = whereis(named<Pool>(id));
  const worker = plan.children[pool.started % plan.children.length];
  if (supervisor === undefined || worker === undefined) return;
  const place = placeOf(worker, `${id}.${pool.started++}`, 0, "never");
  startChild(supervisor, workerSpec(cast, worker, place)).then(undefined, () => {}); // the pool may end meanwhile
}

function happenTo(
  world: World,
  { witness }: Cast,
  id: string,
  what: (typeof doesToParts)[number],
  other: string,
): void {
  const name = named<Part>(id);
  const record = (kind: string, within?: CallRecord): CallRecord => {
    const call: CallRecord = { id: world.calls.length, kind, within, handled: 0, settled: 0, outcome: undefined };
    world.calls.push(call);
    return call;
  };
  if (what === "watch") witness.cast.watch(name);
  else if (what === "bind") witness.cast.bind(name);
  else if (what === "cast") {
    const kind = `cast ${world.casts.length}`;
    const cast: CallRecord = { id: -1, kind, within: undefined, handled: 0, settled: 0, outcome: undefined };
    world.casts.push(cast);
    name.cast.fail(cast);
  } else if (what === "kill") exit(name, "kill");
  else if (what === "stop") exit(name, { error: new Error("told to stop") });
  else if (what === "terminate") terminate(world, id);
  else if (what === "burst") {
    for (let i = 0; i < BURST; i++) {
      const call = record("slow");
      void track(call, name.call.slow(call));
    }
  } else if (what === "relay") {
    const call = record("relay");
    const inner = record("relayed", call);
    void track(call, name.call.relay(call, other, inner));
  } else {
    const call = record(what);
    void track(call, name.call[what](call));
  }
}

function terminate(world: World, id: string): void {
  const parent = whereis(named<Branch | Pool>(id.slice(0, id.lastIndexOf("."))));
  if (parent === undefined) return;
  const pid = whereis(named<Part>(id));
  const byPid = resolveRef(parent)?.behaviour instanceof Pool;
  if (byPid && pid === undefined) return;
  world.terminated.add(id);
  terminateChild(parent, byPid && pid !== undefined ? pid : id).then(undefined, () => {}); // the parent may end meanwhile
}
