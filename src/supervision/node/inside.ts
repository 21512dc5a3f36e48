// What runs in the thread or process of an isolated GenServer: it loads the module, starts the class as an ordinary process of
// this runtime, and bridges to the parent's. Names that nobody has here are the parent's.

import { serialize } from "node:v8";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { IsolationError } from "../isolation.js";
import { Process } from "../process.js";
import type { ReportName } from "../reports.js";
import { currentRuntime } from "../runtime.js";
import { type BehaviourClass, ExtraArguments, instantiate, Server, standaloneSlot } from "../server.js";
import { Bridge } from "./bridge.js";
import { SIGNS } from "./silence.js";
import { type Channel, FIGURES, START, type StartOrder, type Wire } from "./wire.js";

const FIGURES_MS = 500;

const runtime = currentRuntime();
let root: Process | undefined;
let running = false;
/** What arrives while the module loads. */
let held: Wire[] = [];

const bridge = new Bridge(runtime, {
  report(kind, fields) {
    if (root !== undefined) runtime.report(kind, root, fields);
  },
});

function received(batch: readonly Wire[]): void {
  const [first] = batch;
  if (first?.[0] === START) void start(first[1]);
  else if (root === undefined) held.push(...batch);
  else bridge.receive(batch);
}

async function start(order: StartOrder): Promise<void> {
  runtime.names.elsewhere = (name) => bridge.elsewhere(name);
  const value = bridge.value(order.arg, order.special);
  const arg = order.extra && Array.isArray(value) ? new ExtraArguments(value) : value;
  const parent = order.parent === undefined ? undefined : bridge.processOf(order.parent, order.parentName);
  const Class = await load(order);
  if (Class instanceof IsolationError) {
    bridge.started("silent", { error: Class });
    return;
  }
  const { progressDeadline } = order;
  const slot = progressDeadline === undefined ? undefined : standaloneSlot({ progressDeadline });
  root = new Process(runtime, runtime.nextNumber(), Class.name, order.name, parent, slot);
  bridge.setRoot(root);
  const starting = runtime.begin(root, (process) => instantiate(process, Class), arg);
  bridge.receive(held);
  held = [];
  const outcome = await starting;
  if ("ok" in outcome) {
    running = true;
    bridge.started("ok", "normal");
    if (progressDeadline === undefined) setInterval(figures, FIGURES_MS).unref();
    else giveSigns(outcome.ok, progressDeadline / SIGNS);
    figures();
  } else if ("ignore" in outcome) bridge.started("ignore", "normal");
  else if ("error" in outcome) bridge.started(outcome.silent === true ? "silent" : "failed", outcome.error);
}

async function load({ module, className }: StartOrder): Promise<BehaviourClass | IsolationError> {
  let exported: Record<string, unknown>;
  try {
    exported = await import(module);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const message = `${className} cannot be loaded from ${module}; an isolated class is built JavaScript: ${why}`;
    return new IsolationError("module_failed", message, thrown);
  }
  const found = exported[className];
  if (isBehaviour(found)) return found;
  const message =
    found === undefined
      ? `${module} has no export named ${className}; an isolated class is a named export`
      : `${className} of ${module} is not a GenServer of this copy of the framework`;
  return new IsolationError("not_exported", message);
}

function isBehaviour(value: unknown): value is BehaviourClass {
  return typeof value === "function" && value.prototype instanceof Server;
}

/** An error outside any handler is the crash of the process this was made for. */
function stray(thrown: unknown): void {
  if (root !== undefined) root.fail(thrown);
  else bridge.started("failed", { error: thrown });
}

/** What the stand-in must hear to know that this side gets on: every `ms`, from a handler too that does not return but begins
 * messages or says `this.progress()`. A handler that only awaits is this side's own `ProgressDeadline`'s to find. */
function giveSigns(process: Process, ms: number): void {
  let last = runtime.now;
  const give = (): void => {
    last = runtime.now;
    figures();
    bridge.flush();
  };
  process.observe(() => {
    if (runtime.now - last >= ms) give();
  });
  setInterval(give, Math.min(ms, FIGURES_MS)).unref();
}

function figures(): void {
  const { heapUsed, external, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  bridge.put([FIGURES, isMainThread ? rss : heapUsed + external, Math.round((user + system) / 1000)]);
}

for (const kind of ["crash", "overflow", "supervisor", "progress", "alert"] as const satisfies ReportName[]) {
  // A start that fails is reported where it was asked for.
  runtime.reports.on(kind, ({ kind: _, at: __, id, ...fields }) => {
    if (running) bridge.report(kind, { ...fields, inside: id });
  });
}
process.on("uncaughtException", stray);
process.on("unhandledRejection", stray);

if (parentPort !== null) {
  const port = parentPort;
  connect({
    post: (batch, transfers) => port.postMessage(batch, transfers),
    check: (wire) => void structuredClone(wire),
  });
  port.on("message", received);
} else {
  // Ctrl-C reaches the whole group; whether and when this one ends is its supervisor's to say.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  const watchdog = new Worker(new URL("./watchdog.js", import.meta.url), {
    workerData: Number(process.argv[2]),
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  });
  watchdog.unref();
  connect({
    post(batch) {
      if (process.connected) process.send?.([...batch], undefined, undefined, () => {});
    },
    check: (wire) => void serialize(wire),
  });
  process.on("message", (batch) => received(batch as Wire[])); // only the parent's bridge sends
}

function connect(channel: Channel): void {
  bridge.connect(channel);
}
