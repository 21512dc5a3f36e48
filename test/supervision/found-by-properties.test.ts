// Bugs that test/supervision/properties.test.ts has found, each in its smallest form.
import { describe, expect, it } from "vitest";
import { exit, GenServer, type Pid, simulate } from "../../src/supervision/index.js";
import { resolveRef } from "../../src/supervision/ref.js";
import { type BranchPlan, type Happening, runTree, type WorkerPlan } from "./random-tree/scenario.js";

class Idle extends GenServer {
  ping() {
    return "pong";
  }
}

class Watcher extends GenServer<Pid<Idle>> {
  private target!: Pid<Idle>; // set by init
  protected override init(target: Pid<Idle>) {
    this.target = target;
  }
  watch() {
    this.monitor(this.target);
  }
  async watchLater(gate: Promise<void>) {
    await gate;
    this.monitor(this.target);
  }
}

it("a watcher forgets a monitor that has fired (seed 1, one watch)", async () => {
  const target = await Idle.start();
  const watcher = await Watcher.start(target);
  await watcher.call.watch();
  expect(resolveRef(watcher)?.ties).toBe(1);
  exit(target, "kill");
  await target.down;
  expect(resolveRef(watcher)?.ties).toBe(0);
  exit(watcher, "kill");
});

it("a dead process that asks for a monitor leaves nothing at its target", async () => {
  const target = await Idle.start();
  const watcher = await Watcher.start(target);
  let open = (): void => {};
  watcher.cast.watchLater(
    new Promise((resolve) => {
      open = resolve;
    }),
  );
  await new Promise((resolve) => setImmediate(resolve));
  exit(watcher, "kill");
  await watcher.down;
  open();
  await target.call.ping();
  expect(resolveRef(target)?.ties).toBe(0);
  exit(target, "kill");
});

const leaf: WorkerPlan = {
  ...{ kind: "worker", restart: "permanent", traps: false, asyncInit: false, slowStop: 0, brutal: false, keeps: false },
  ...{ significant: false, capacity: undefined, overflow: "reject", progressDeadline: undefined, pauses: "none" },
};

/** A supervisor that gives up at the first failure. */
function strict(children: BranchPlan["children"], options: Partial<BranchPlan> = {}): BranchPlan {
  const defaults = { restart: "permanent", strategy: "one_for_one", maxRestarts: 0, autoShutdown: "never" } as const;
  return { kind: "branch", ...defaults, children, ...options };
}

function happens(what: Happening["what"], target: number, pause?: number): Happening {
  return { what, target, other: 0, pause };
}

describe("no name is left behind where a supervisor is killed", () => {
  const temporary = { restart: "temporary" } as const;
  const chain = strict([strict([strict([leaf])], temporary)]);
  const stories: [string, BranchPlan, Happening[], number][] = [
    ["before it has read of a child's end", chain, [happens("kill a supervisor", 1), happens("leave", 0, 0)], 0],
    ["and the one above gives up before its children have ended", chain, [happens("kill a supervisor", 2)], 0],
    [
      "while it restarts a group",
      strict([leaf, strict([leaf])], { ...temporary, strategy: "one_for_all", maxRestarts: 1 }),
      [happens("leave", 0, 0), happens("kill a supervisor", 0)],
      1_707_631_357,
    ],
    [
      "while one below goes down that held the names of its own",
      strict([strict([leaf, strict([leaf, leaf]), leaf])], temporary),
      [happens("kill", 3), happens("kill a supervisor", 0)],
      0,
    ],
  ];
  it.each(stories)("%s", async (_, tree, story, first) => {
    for (let seed = first; seed < first + 30; seed++) {
      const faults = [{}, { crash: 0.05 }, { crash: 0.02, delay: { probability: 0.2, ms: 40 } }][seed % 3] ?? {};
      await simulate({ seed, faults }, (runtime) => runTree(runtime, tree, story, seed));
    }
  });
});
