// The libraries under measurement and the one actor they all run: a counter that adds, answers and crashes. A library is
// loaded with its public entry and its defaults; what it lacks is said here and printed beside its row. Each keeps one actor
// alive throughout, as a program does: with none left V8 would forget the shapes of its objects at the collections between
// two rounds, and each round would measure how fast they are learnt again.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const manifest = join(here, "peers", "package.json");

/** What each leaves out of the work that Banyan does, beside its row. */
export const omissions = {
  banyan: "",
  nact: "no restart intensity; the caller of a crashed query waits for its time-out; may lose an answer with many in flight",
  comedy:
    "no supervision of in-memory actors; a throw leaves the state as it is; an ask overtakes sends made before it",
  domo: "runs synchronously; a restart keeps the old state; ignores its intensity",
  effect: "fibers with a queue: no mailbox, no links and no restart of its own; written by hand here",
  xstate: "no mailbox: synchronous; a throw ends the actor for good, started anew by hand here",
};
/** The libraries that have a mailbox and start a crashed actor with fresh state: the ones to be compared with. */
export const comparable = ["nact", "comedy", "effect", "domo"];

function install() {
  const version = createHash("sha256").update(readFileSync(manifest)).digest("hex").slice(0, 12);
  const folder = join(tmpdir(), `banyan-bench-peers-${version}`);
  const done = join(folder, "installed");
  if (existsSync(done)) return folder;
  mkdirSync(folder, { recursive: true });
  copyFileSync(manifest, join(folder, "package.json"));
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const { status } = spawnSync("npm", args, { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error("the peers did not install");
  runInNode(join(folder, "node_modules", "domo-actors"));
  writeFileSync(done, "");
  return folder;
}

/** domo-actors ships ES modules whose imports have no file ending, which bundlers take and Node does not. */
function runInNode(domo) {
  const dist = join(domo, "dist");
  for (const file of readdirSync(dist, { recursive: true }).filter((name) => name.endsWith(".js"))) {
    const path = join(dist, file);
    const code = readFileSync(path, "utf8");
    writeFileSync(path, code.replace(/(from\s+["'])(\.{1,2}\/[^"']+?)(?:\.js)?(["'])/g, "$1$2.js$3"));
  }
}

export async function loadBanyan() {
  const banyan = await import(pathToFileURL(join(here, "..", "..", "dist", "supervision", "index.js")));
  class Counter extends banyan.GenServer {
    init(start) {
      this.state = start ?? 0;
    }
    add(by) {
      this.state += by;
      return this.state;
    }
    get() {
      return this.state;
    }
    crash() {
      throw new Error("crash");
    }
  }
  const resident = banyan.named("bench-resident");
  const children = [banyan.child(Counter, 0, { name: resident, mailbox: "keep" })];
  await banyan.Supervisor.start({ strategy: "one_for_one", children });
  await resident.call.add(1);
  return { ...banyan, Counter, resident };
}

const load = {
  banyan: loadBanyan,
  xstate: async (from) => {
    const xstate = await import(from("xstate"));
    const counter = xstate.fromTransition((state, event) => {
      if (event.type === "crash") throw new Error("crash");
      return state + event.by;
    }, 0);
    // A throw reaches the observer; without one it would be rethrown from a timer.
    const start = (logic = counter) => {
      const actor = xstate.createActor(logic);
      actor.subscribe({ error() {} });
      return actor.start();
    };
    const resident = start();
    resident.send({ type: "add", by: 1 });
    return { ...xstate, counter, start, resident };
  },
  nact: async (from) => {
    const { default: nact } = await import(from("nact"));
    const counter = (state, message, context) => {
      if (message.crash) throw new Error("crash");
      const next = state + message.by;
      if (message.answer) nact.dispatch(context.sender, next);
      return next;
    };
    const options = { initialState: 0, onCrash: (_message, _error, context) => context.reset };
    const spawnCounter = (parent, name) => nact.spawn(parent, counter, name, options);
    const parent = nact.spawn(nact.start(), (state) => state, "parent", { initialState: 0 });
    const resident = spawnCounter(parent, "resident");
    await nact.query(resident, { by: 1, answer: true }, 60_000);
    return { ...nact, spawnCounter, resident };
  },
  comedy: async (from) => {
    const { default: comedy } = await import(from("comedy"));
    const silent = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel() {} };
    class Counter {
      constructor() {
        this.state = 0;
      }
      /** A send may be overtaken by an ask, so that the one who waits for all sends must be told. */
      tell(at, done) {
        this.at = at;
        this.done = done;
      }
      add(by) {
        this.state += by;
        if (this.state === this.at) this.done(this.state);
        return this.state;
      }
      crash() {
        throw new Error("crash");
      }
    }
    const root = await comedy.createSystem({ log: silent, test: true }).rootActor();
    const resident = await root.createChild(Counter);
    await resident.sendAndReceive("add", 1);
    return { root, Counter, resident };
  },
  effect: async (from) => {
    const { Effect, Queue, Deferred, Fiber } = await import(from("effect"));
    /** A fiber that takes from its queue, restarted with fresh state after a throw. */
    const spawnCounter = (done) => {
      const queue = Effect.runSync(Queue.unbounded());
      const incarnation = Effect.suspend(() => {
        let state = 0;
        return Effect.forever(
          Effect.flatMap(Queue.take(queue), (message) =>
            Effect.suspend(() => {
              if (message.crash) return Effect.fail("crash");
              state += message.by;
              if (state === done?.at) done.resolve(state);
              return message.answer === undefined ? Effect.void : Deferred.succeed(message.answer, state);
            }),
          ),
        );
      });
      const fiber = Effect.runFork(Effect.retry(incarnation, { while: () => true }));
      return { queue, fiber };
    };
    const cast = (actor, message) => Queue.offerUnsafe(actor.queue, message);
    const call = (actor, by) => {
      const answer = Deferred.makeUnsafe();
      Queue.offerUnsafe(actor.queue, { by, answer });
      return Effect.runPromise(Deferred.await(answer));
    };
    const stop = (actor) => Effect.runPromise(Fiber.interrupt(actor.fiber));
    const resident = spawnCounter();
    await call(resident, 1);
    return { Effect, Queue, Deferred, spawnCounter, cast, call, stop, resident };
  },
  domo: async (from) => {
    const domo = await import(from("domo-actors"));
    class Counter extends domo.Actor {
      constructor() {
        super();
        this.count = 0;
      }
      async add(by) {
        this.count += by;
        return this.count;
      }
      async crash() {
        throw new Error("crash");
      }
    }
    class Restarting extends domo.DefaultSupervisor {
      async supervisionStrategy() {
        return {
          intensity: () => domo.SupervisionStrategy.ForeverIntensity,
          period: () => domo.SupervisionStrategy.ForeverPeriod,
          scope: () => domo.SupervisionScope.One,
        };
      }
      decideDirective() {
        return domo.SupervisionDirective.Restart;
      }
    }
    const protocolOf = (Class) => ({
      // A supervisor is found by the type its protocol states.
      type: () => Class.name.toLowerCase(),
      instantiator: () => ({ instantiate: () => new Class() }),
    });
    const stage = domo.stage();
    // It prints each step of each actor's life; its logger is not exported, but its file is there.
    const { DefaultLogger } = await import(new URL("Logger.js", from("domo-actors")));
    Object.assign(DefaultLogger, { log() {}, info() {}, warn() {}, error() {}, debug() {}, trace() {} });
    stage.actorFor(protocolOf(Restarting), undefined, "default", undefined, "restarting");
    const spawn = (Class) => stage.actorFor(protocolOf(Class), undefined, "restarting");
    const resident = spawn(Counter);
    await resident.add(1);
    return { ...domo, Counter, spawn, resident };
  },
};

/** The libraries asked for, loaded. One that does not load is left out and named. */
export async function loadLibraries(names) {
  const loaded = new Map();
  const missing = [];
  const entries = (name) => pathToFileURL(requireFrom(name)).href;
  const { stackTraceLimit, prepareStackTrace } = Error;
  const errorDefaults = { stackTraceLimit, prepareStackTrace };
  let requireFrom;
  for (const name of names) {
    try {
      if (name !== "banyan" && requireFrom === undefined) {
        const folder = install();
        requireFrom = (entry) => resolveEntry(folder, entry);
      }
      loaded.set(name, await load[name](entries));
      // Some change these for everybody, and then all of them pay more for a throw.
      Object.assign(Error, errorDefaults);
    } catch (error) {
      missing.push(`${name}: ${error.message}`);
    }
  }
  return { loaded, missing };
}

/** The file an import of `name` from the peers' folder leads to. */
function resolveEntry(folder, name) {
  const root = join(folder, "node_modules", name);
  const { exports, main } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const entry = exports?.["."]?.import ?? exports?.["."] ?? main;
  return join(root, typeof entry === "string" ? entry : entry.default);
}

export const names = Object.keys(load);
