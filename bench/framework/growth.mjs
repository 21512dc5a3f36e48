// How the figures grow from 10 to 1,000,000 processes under one dynamic supervisor: the start and the memory of each, a cast
// to each in turn, and the crash of one until its next incarnation runs.
//   node bench/framework/growth.mjs [--json]
import { loadBanyan } from "./libraries.mjs";
import { heapUsed, latencies, median, quantile, timed } from "./measure.mjs";

const SIZES = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
const CASTS = 1_000_000;
const BURST = 10_000;
const CRASHES = 200;

const { DynamicSupervisor, GenServer, child, startChild, stopProcess } = await loadBanyan();

let handled = 0;
let onStart = () => {};
class Worker extends GenServer {
  init() {
    this.state = 0;
    onStart();
  }
  add(by) {
    handled += by;
  }
  crash() {
    throw new Error("crash");
  }
}

async function grow(size) {
  const spec = child(Worker, undefined);
  const supervisor = await DynamicSupervisor.start({ maxRestarts: 1_000_000 });
  const pids = [];
  const before = await heapUsed();
  const startMs = await timed(async () => {
    for (let i = 0; i < size; i++) pids.push((await startChild(supervisor, spec)).ok);
  });
  const bytes = (await heapUsed()) - before;
  handled = 0;
  const castMs = await timed(async () => {
    for (let sent = 0; sent < CASTS; sent += BURST) {
      for (let i = sent; i < sent + BURST; i++) pids[i % size].cast.add(1);
      while (handled < sent + BURST) await new Promise((resume) => setImmediate(resume));
    }
  });
  // The next incarnation has another pid, so that each is crashed once.
  const crashes = Math.min(CRASHES, size);
  const found = await latencies(crashes, async (i) => {
    const started = new Promise((resolve) => {
      onStart = resolve;
    });
    pids[Math.floor((i * size) / crashes)].cast.crash();
    await started;
  });
  onStart = () => {};
  await stopProcess(supervisor, "shutdown");
  return {
    startUs: (startMs * 1000) / size,
    bytes: bytes / size,
    castMps: CASTS / castMs / 1000,
    restartP50: median(found),
    restartP99: quantile(found, 0.99),
  };
}

await grow(10_000);
const rows = [];
for (const size of SIZES) rows.push({ size, ...(await grow(size)) });
if (process.argv.includes("--json")) console.log(JSON.stringify(rows, null, 2));
else {
  const shown = rows.map(({ size, ...figures }) => [
    size,
    Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(3))])),
  ]);
  console.table(Object.fromEntries(shown));
}
