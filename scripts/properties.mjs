// The properties of test/supervision/properties.test.ts under as many schedules as you like:
//   npm run properties -- --runs 1000000 [--seed 7]
// Runs are split into batches with a seed each, so that a failure is reported as soon as its batch ends.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const BATCH = 50_000;
const { values } = parseArgs({ options: { runs: { type: "string" }, seed: { type: "string" } } });
const runs = Number(values.runs ?? 1_000_000);
const first = Number(values.seed ?? Math.floor(Date.now() / 1000));
if (!(Number.isInteger(runs) && runs > 0 && Number.isInteger(first))) {
  console.error("usage: npm run properties -- --runs <count> [--seed <integer>]");
  process.exit(2);
}

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
for (let done = 0, seed = first; done < runs; done += BATCH, seed++) {
  const batch = Math.min(BATCH, runs - done);
  const { status } = spawnSync(process.execPath, [vitest, "run", "test/supervision/properties.test.ts"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, BANYAN_RUNS: String(batch), BANYAN_SEED: String(seed) },
  });
  if (status !== 0) {
    console.error(`failed; see it again with: npm run properties -- --runs ${batch} --seed ${seed}`);
    process.exit(1);
  }
  console.log(`${done + batch} schedules hold (seed ${seed})`);
}
