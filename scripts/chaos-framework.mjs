// Chaos for the framework: a tree under a flood of messages in which a random child is killed every 50 ms for 30 s. There are
// children inline, in threads and in processes of their own, and some with small mailboxes that overflow. Every message has an
// id, and at the end the ledger adds up: each call was answered or rejected, exactly once; no cast was handled twice; where the
// mailbox is kept none was lost; and where nobody dies each cast that was not handled has its report of an overflow.
//   npm run chaos:framework [-- --seconds 30]     (from dist/: npm run build first)
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { Application, CallError, child, exit, GenServer, named, whereis } from "../dist/supervision/index.js";
import "../dist/supervision/node/index.js";
import { Isolated } from "./chaos-worker.mjs";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "30" } } });
const seconds = Number(values.seconds);
const KILL_EVERY = 50;
const FLOOD_EVERY = 5;
const BURST = 200;
const MOST_DELAY_MS = 50;
const CAPACITY = 4;

let starts = 0;
let twice = 0;
const workerOf = new Map();
const handled = new Set();

/** A cast has arrived, here or where the child is isolated. */
function note(id) {
  if (handled.has(id)) twice++;
  handled.add(id);
  workerOf.get(id).handled++;
}

class Ledger extends GenServer {
  handled(id) {
    note(id);
  }
}

class Worker extends Isolated {
  init() {
    starts++;
  }
  tell(id) {
    note(id);
  }
}

/** `dies`: it may be killed. */
const groups = [
  { group: "dropping", count: 8, dies: true, Class: Worker, options: { mailbox: "drop" } },
  { group: "keeping", count: 8, dies: true, Class: Worker, options: { mailbox: "keep" } },
  { group: "bounded", count: 4, dies: true, Class: Worker, options: { mailbox: "keep", capacity: CAPACITY } },
  ...["reject", "drop_oldest", "drop_newest"].map((overflow) => ({
    group: overflow,
    count: 2,
    dies: false,
    Class: Worker,
    options: { capacity: CAPACITY, overflow },
  })),
  { group: "threads", count: 3, dies: true, Class: Isolated, options: { isolation: "thread" } },
  { group: "processes", count: 3, dies: true, Class: Isolated, options: { isolation: "process" } },
];
const workers = groups.flatMap(({ group, count, dies, Class, options }) =>
  Array.from({ length: count }, (_, i) => {
    const name = named(`${group}-${i}`);
    const spec = child(Class, undefined, { id: name.name, name, ...options });
    return { name, group, dies, spec, casts: 0, handled: 0, overflowed: 0 };
  }),
);
const mortal = workers.filter(({ dies }) => dies);
const inline = workers.filter(({ spec }) => spec.isolation === "inline");

const app = await Application.start({
  strategy: "one_for_one",
  maxRestarts: 1_000_000,
  maxSeconds: 60,
  children: [child(Ledger, undefined, { name: named("ledger") }), ...workers.map(({ spec }) => spec)],
});

const reports = { terminated: 0, startErrors: 0, progress: 0, overflowedCalls: 0, overflowedCasts: 0 };
const byName = new Map(workers.map((worker) => [worker.name.name, worker]));
app.on("supervisor", ({ context }) => {
  if (context === "child_terminated") reports.terminated++;
  if (context === "start_error") reports.startErrors++;
});
app.on("progress", () => reports.progress++);
app.on("overflow", ({ name, dropped }) => {
  if (dropped === "call") reports.overflowedCalls++;
  else {
    reports.overflowedCasts++;
    byName.get(name).overflowed++;
  }
});

let lastId = 0;
const calls = { sent: 0, answered: 0, rejected: 0, wrong: 0, rejectedByOverflow: 0 };
const open = new Set();
function settle(id, outcome) {
  if (!open.delete(id)) twice++;
  calls[outcome]++;
}

function flood() {
  for (let i = 0; i < BURST; i++) {
    const worker = workers[Math.floor(Math.random() * workers.length)];
    const id = ++lastId;
    if (i % 4 === 0) {
      calls.sent++;
      open.add(id);
      const call = i % 40 === 0 ? worker.name.call.work(id) : worker.name.call.ask(id);
      call.then(
        (answer) => settle(id, answer === id ? "answered" : "wrong"),
        (error) => {
          settle(id, "rejected");
          if (error instanceof CallError && error.code === "overflow") calls.rejectedByOverflow++;
        },
      );
    } else {
      workerOf.set(id, worker);
      worker.casts++;
      worker.name.cast.tell(id);
    }
  }
}

const killed = new Set();
function kill() {
  const victim = whereis(mortal[Math.floor(Math.random() * mortal.length)].name);
  if (victim === undefined || killed.has(victim.id)) return;
  killed.add(victim.id);
  exit(victim, "kill");
}

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const timers = [setInterval(flood, FLOOD_EVERY), setInterval(kill, KILL_EVERY)];
await new Promise((resume) => setTimeout(resume, seconds * 1000));
for (const timer of timers) clearInterval(timer);
delay.disable();

// Quiet: the full mailboxes empty; every worker answers once more, so all that was sent before has been handled or lost; and
// the isolated have told the ledger what they handled.
await new Promise((resume) => setTimeout(resume, 500));
await Promise.all(workers.map(({ name }) => name.call.ask(0)));
await new Promise((resume) => setTimeout(resume, 500));

const sumOf = (chosen, field) => chosen.reduce((sum, worker) => sum + worker[field], 0);
const casts = Object.fromEntries(
  groups.map(({ group }) => {
    const members = workers.filter((worker) => worker.group === group);
    const [sent, arrived, overflowed] = ["casts", "handled", "overflowed"].map((field) => sumOf(members, field));
    return [group, { sent, handled: arrived, overflowed, lostWithTheDead: sent - arrived - overflowed }];
  }),
);
const nodes = app.tree().children;
const restarts = nodes.reduce((sum, node) => sum + node.restarts, 0);
const inlineRestarts = nodes.reduce((sum, { name, restarts }) => {
  return sum + (byName.get(name)?.spec.isolation === "inline" ? restarts : 0);
}, 0);
const delayP99Ms = delay.percentile(99) / 1e6;
console.log(
  JSON.stringify({ seconds, calls, casts, twice, kills: killed.size, restarts, ...reports, delayP99Ms }, null, 2),
);

const failures = [
  [calls.sent === calls.answered + calls.rejected && open.size === 0, "each call ends exactly once"],
  [twice === 0 && calls.wrong === 0, "no message is handled or answered twice"],
  [
    workers.every((worker) => worker.handled + worker.overflowed <= worker.casts),
    "no cast is both handled and dropped",
  ],
  [casts.keeping.lostWithTheDead === 0 && casts.bounded.lostWithTheDead === 0, "a kept mailbox loses nothing"],
  [
    workers.every((worker) => worker.dies || worker.casts === worker.handled + worker.overflowed),
    "where nobody dies, each cast was handled or has its report of an overflow",
  ],
  [
    workers.every((worker) => worker.dies || worker.overflowed > 0) && casts.bounded.overflowed > 0,
    "the small mailboxes overflow",
  ],
  [calls.rejectedByOverflow === reports.overflowedCalls, "each call refused by a full mailbox has its report"],
  [casts.threads.handled > 0 && casts.processes.handled > 0, "the isolated take part"],
  [killed.size > 0 && killed.size === reports.terminated + reports.startErrors, "each kill is in the reports"],
  [restarts === killed.size, "each kill is a restart"],
  [reports.progress === restarts - reports.startErrors, "each restart that succeeded is in the reports"],
  [starts === inline.length + inlineRestarts, "each restart ran init once"],
  [delayP99Ms <= MOST_DELAY_MS, `event-loop delay p99 is at most ${MOST_DELAY_MS} ms`],
].filter(([holds]) => !holds);
for (const [, what] of failures) console.error(`failed: ${what}`);

await app.stop();
process.exitCode = failures.length === 0 ? 0 : 1;
