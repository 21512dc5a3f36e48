// Random trees, random things that happen to them, and one run of both under simulation.
import fc from "fast-check";
import {
  Application,
  type ChildSpec,
  child,
  exit,
  named,
  type Restart,
  type SimulatedRuntime,
  type Strategy,
  terminateChild,
  whereis,
} from "../../../src/supervision/index.js";
import { resolveRef } from "../../../src/supervision/ref.js";
import { seededRandom } from "../../../src/supervision/seeded-random.js";
import { Branch, type BranchArg, Part, track, Witness } from "./parts.js";
import { type CallRecord, World } from "./world.js";

export interface WorkerPlan {
  readonly kind: "worker";
  readonly restart: Restart;
  readonly traps: boolean;
  readonly asyncInit: boolean;
  readonly slowStop: number;
  readonly brutal: boolean;
  readonly keeps: boolean;
}

export interface BranchPlan {
  readonly kind: "branch";
  readonly restart: Restart;
  readonly strategy: Strategy;
  readonly maxRestarts: number;
  readonly children: readonly (WorkerPlan | BranchPlan)[];
}

const does = ["echo", "fail", "refuse", "hang", "later", "slow", "relay"] as const;
const happens = [...does, "cast", "kill", "stop", "watch", "bind", "terminate", "wait"] as const;

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
});

function branch(depth: number): fc.Arbitrary<BranchPlan> {
  const below: fc.Arbitrary<WorkerPlan | BranchPlan> =
    depth === 0 ? worker : fc.oneof({ weight: 3, arbitrary: worker }, { weight: 1, arbitrary: branch(depth - 1) });
  return fc.record({
    kind: fc.constant("branch" as const),
    restart,
    strategy: fc.constantFrom<Strategy>("one_for_one", "one_for_all", "rest_for_one"),
    maxRestarts: fc.integer({ min: 0, max: 4 }),
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
  const witness = await Witness.start(world);
  const workers: string[] = [];
  const spec = (plan: WorkerPlan | BranchPlan, id: string, position: number): ChildSpec => {
    const place = { id, position, restart: plan.restart };
    if (plan.kind === "branch") {
      const { strategy, maxRestarts, children } = plan;
      const specs = children.map((each, index) => spec(each, `${id}.${index}`, index));
      const arg: BranchArg = { world, place, strategy, maxRestarts, maxSeconds: 5, children: specs };
      return child(Branch, arg, { id, name: named<Branch>(id), restart: plan.restart });
    }
    workers.push(id);
    const { traps, asyncInit, slowStop, brutal, keeps } = plan;
    const arg = { world, place, traps, asyncInit, slowStop, witness };
    const shutdown = brutal ? "brutal_kill" : 50;
    const options = { id, name: named<Part>(id), restart: plan.restart, mailbox: keeps ? "keep" : "drop" } as const;
    return child(Part, arg, { ...options, shutdown });
  };
  const children = [spec({ ...tree, restart: "permanent" }, "t", 0)];
  const app = await Application.start({ strategy: "one_for_one", maxRestarts: 10_000, maxSeconds: 1, children });
  world.flaky = true;
  for (const each of happening) {
    happen(world, witness, workers, each);
    if (each.pause === undefined) continue;
    await runtime.advance(each.pause);
    if (runtime.now > 0) world.checkAtRest();
  }
  world.flaky = false;
  await runtime.advance(100);
  runtime.beforeHandling = undefined;
  await app.stop();
  if (!["shutdown", "killed"].includes(String(await app.done))) world.violated("the tree did not end by shutdown");
  await runtime.advance(10_000);
  const ties = resolveRef(witness)?.ties ?? 0;
  if (ties > 0) world.violated(`${ties} links, monitors or timers of the witness are left`);
  exit(witness, "kill");
  await runtime.advance(1_000);
  world.checkAtEnd();
  const [first] = world.violations;
  if (first !== undefined) throw new Error(world.violations.slice(0, 5).join("; "));
}

function happen(
  world: World,
  witness: Awaited<ReturnType<typeof Witness.start<typeof Witness>>>,
  workers: readonly string[],
  { what, target, other }: Happening,
): void {
  const id = workers[target % workers.length] ?? "t";
  const name = named<Part>(id);
  const record = (kind: string, within?: CallRecord): CallRecord => {
    const call: CallRecord = { id: world.calls.length, kind, within, handled: 0, settled: 0, outcome: undefined };
    world.calls.push(call);
    return call;
  };
  if (what === "wait") return;
  if (what === "watch") witness.cast.watch(name);
  else if (what === "bind") witness.cast.bind(name);
  else if (what === "cast") {
    const kind = `cast ${world.casts.length}`;
    const cast: CallRecord = { id: -1, kind, within: undefined, handled: 0, settled: 0, outcome: undefined };
    world.casts.push(cast);
    name.cast.fail(cast);
  } else if (what === "kill") exit(name, "kill");
  else if (what === "stop") exit(name, { error: new Error("told to stop") });
  else if (what === "terminate") {
    const parent = whereis(named<Branch>(id.slice(0, id.lastIndexOf("."))));
    if (parent === undefined) return;
    world.terminated.add(id);
    void terminateChild(parent, id);
  } else if (what === "relay") {
    const call = record("relay");
    const inner = record("relayed", call);
    void track(call, name.call.relay(call, workers[other % workers.length] ?? "t", inner));
  } else {
    const call = record(what);
    void track(call, name.call[what](call));
  }
}
