// A million live processes in one Node process under dynamic supervisors; 100,000 of them crash and are started again; then
// all stop. Two identical rounds: the first warms up, and the heap after the second must be within 5% of that after the first.
//   node bench/framework/million.mjs [--json]
import { loadBanyan } from "./libraries.mjs";
import { assertEqual, heapUsed, timed } from "./measure.mjs";

const SUPERVISORS = 100;
const CHILDREN = 10_000;
const ALL = SUPERVISORS * CHILDREN;
const CRASHES = ALL / 10;
const MOST_RSS_MB = 1536;
const MOST_GROWTH = 0.05;

const { DynamicSupervisor, GenServer, child, startChild, countChildren, stopProcess } = await loadBanyan();

let starts = 0;
let answers = 0;
class Worker extends GenServer {
  init() {
    starts++;
    this.state = 0;
  }
  add(by) {
    answers++;
    return (this.state += by);
  }
  crash() {
    throw new Error("crash");
  }
}

async function round() {
  starts = 0;
  answers = 0;
  const spec = child(Worker, undefined);
  const supervisors = [];
  const pids = [];
  const startMs = await timed(async () => {
    for (let s = 0; s < SUPERVISORS; s++) {
      const supervisor = await DynamicSupervisor.start({ maxRestarts: CRASHES, maxSeconds: 60 });
      supervisors.push(supervisor);
      for (let c = 0; c < CHILDREN; c++) pids.push((await startChild(supervisor, spec)).ok);
    }
  });
  assertEqual(starts, ALL, "starts");
  for (const pid of pids) pid.cast.add(1);
  await pids[ALL - 1].call.add(1);
  assertEqual(answers, ALL + 1, "answers");
  const rssMb = process.memoryUsage.rss() / 2 ** 20;

  const crashMs = await timed(async () => {
    for (let i = 0; i < ALL; i += ALL / CRASHES) pids[i].cast.crash();
    while (starts < ALL + CRASHES) await new Promise((resume) => setImmediate(resume));
  });
  assertEqual(pids.filter((pid) => pid.alive).length, ALL - CRASHES, "first incarnations alive");
  const counts = await Promise.all(supervisors.map((supervisor) => countChildren(supervisor)));
  assertEqual(
    counts.reduce((sum, { active }) => sum + active, 0),
    ALL,
    "active",
  );

  const stopMs = await timed(async () => {
    for (const supervisor of supervisors) await stopProcess(supervisor, "shutdown");
  });
  assertEqual(pids.filter((pid) => pid.alive).length, 0, "alive after the stop");
  return { startMs, crashMs, stopMs, rssMb };
}

const warmUp = await round();
const heapBefore = await heapUsed();
const measured = await round();
const heapAfter = await heapUsed();
const growth = heapAfter / heapBefore - 1;
const peakRssMb = process.resourceUsage().maxRSS / 1024;
const result = { processes: ALL, restarted: CRASHES, warmUp, measured, heapBefore, heapAfter, growth, peakRssMb };

if (process.argv.includes("--json")) console.log(JSON.stringify(result, null, 2));
else {
  const { startMs, crashMs, stopMs, rssMb } = measured;
  console.log(`${ALL} processes started in ${Math.round(startMs)} ms, RSS ${Math.round(rssMb)} MB`);
  console.log(`${CRASHES} crashed and restarted in ${Math.round(crashMs)} ms, all stopped in ${Math.round(stopMs)} ms`);
  console.log(
    `heap after: ${(growth * 100).toFixed(2)}% more than after the warm-up; peak RSS ${Math.round(peakRssMb)} MB`,
  );
}
if (growth > MOST_GROWTH) throw new Error(`the heap grew by ${(growth * 100).toFixed(1)}%`);
if (peakRssMb > MOST_RSS_MB) throw new Error(`the peak RSS was ${Math.round(peakRssMb)} MB`);
