// Chaos for the framework: a tree under a flood of messages in which a random child is killed every 50 ms for 30 s. Every
// message has an id, and at the end the ledger adds up: each call was answered or rejected, exactly once; each cast was
// handled or lost with the mailbox of an incarnation that died. All restarts are in the reports, and the event loop of those
// that live stays free.
//   npm run chaos:framework [-- --seconds=30]     (from dist/: npm run build first)
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Application, child, exit, GenServer, named, whereis } from "../dist/supervision/index.js";

const seconds = Number(process.argv.find((given) => given.startsWith("--seconds="))?.split("=")[1] ?? 30);
const KILL_EVERY = 50;
const FLOOD_EVERY = 5;
const BURST = 200;
const CHILDREN = 20;
const MOST_DELAY_MS = 50;
const capacity = 500;

const ledger = { calls: 0, answered: 0, rejected: 0, casts: 0, handled: 0, twice: 0 };
const handled = new Set();
let starts = 0;

class Worker extends GenServer {
  init(mark) {
    this.mark = mark;
    starts++;
  }
  tell(id) {
    if (handled.has(id)) ledger.twice++;
    handled.add(id);
    ledger.handled++;
  }
  ask(id) {
    return id;
  }
  async work(id) {
    await new Promise((resume) => setTimeout(resume, 2));
    return id;
  }
}

const workers = Array.from({ length: CHILDREN }, (_, i) => named(`worker-${i}`));
const specs = workers.map((name, i) =>
  child(Worker, i, { name, mailbox: i % 2 === 0 ? "drop" : "keep", ...(i % 4 === 3 ? { capacity } : {}) }),
);
const app = await Application.start({
  strategy: "one_for_one",
  maxRestarts: 1_000_000,
  maxSeconds: 60,
  children: specs,
});

const reports = { terminated: 0, progress: 0, overflow: 0 };
app.on("supervisor", ({ context }) => {
  if (context === "child_terminated") reports.terminated++;
});
app.on("progress", () => reports.progress++);
app.on("overflow", () => reports.overflow++);

let id = 0;
const asked = new Map();
function settle(of, outcome) {
  if (asked.get(of) !== "open") ledger.twice++;
  asked.set(of, outcome);
  ledger[outcome]++;
}

function flood() {
  for (let i = 0; i < BURST; i++) {
    const worker = workers[Math.floor(Math.random() * workers.length)];
    const of = ++id;
    if (i % 4 === 0) {
      ledger.calls++;
      asked.set(of, "open");
      const call = i % 40 === 0 ? worker.call.work(of) : worker.call.ask(of);
      call.then(
        (answer) => settle(of, answer === of ? "answered" : "twice"),
        () => settle(of, "rejected"),
      );
    } else {
      ledger.casts++;
      worker.cast.tell(of);
    }
  }
}

let kills = 0;
function kill() {
  const victim = whereis(workers[Math.floor(Math.random() * workers.length)]);
  if (victim === undefined) return;
  kills++;
  exit(victim, "kill");
}

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const timers = [setInterval(flood, FLOOD_EVERY), setInterval(kill, KILL_EVERY)];
await new Promise((resume) => setTimeout(resume, seconds * 1000));
for (const timer of timers) clearInterval(timer);
delay.disable();

// Quiet: every worker answers once more, so all that was sent before has been handled or lost.
await Promise.all(workers.map((worker) => worker.call.ask(0)));
await new Promise((resume) => setTimeout(resume, 100));

const dropped = ledger.casts - ledger.handled;
const open = [...asked.values()].filter((state) => state === "open").length;
const delayMs = delay.percentile(99) / 1e6;
const restarts = app.tree().children.reduce((sum, node) => sum + node.restarts, 0);
const result = { seconds, ...ledger, dropped, open, kills, restarts, ...reports, delayP99Ms: delayMs };
console.log(JSON.stringify(result, null, 2));

const failures = [
  [ledger.calls === ledger.answered + ledger.rejected && open === 0, "each call ends exactly once"],
  [ledger.twice === 0, "no message is handled or answered twice"],
  [dropped >= 0 && ledger.handled === handled.size, "each cast is handled once or dropped"],
  [kills > 0 && restarts === kills, "each kill is a restart"],
  [starts === CHILDREN + restarts, "each restart ran init once"],
  [reports.terminated === restarts && reports.progress === restarts, "all restarts are in the reports"],
  [delayMs <= MOST_DELAY_MS, `event-loop delay p99 is at most ${MOST_DELAY_MS} ms`],
].filter(([holds]) => !holds);
for (const [, what] of failures) console.error(`failed: ${what}`);

await app.stop();
process.exitCode = failures.length === 0 ? 0 : 1;
