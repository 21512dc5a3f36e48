// What holds for every tree, whatever crashes and in whatever order messages come. Each case is a random tree with a random
// story, run under many seeds; BANYAN_RUNS sets how many schedules there are in all (see scripts/properties.mjs).
import fc from "fast-check";
import { expect, it } from "vitest";
import { simulate } from "../../src/supervision/index.js";
import { happenings, runTree, trees } from "./random-tree/scenario.js";

const RUNS = Number(process.env.BANYAN_RUNS ?? 10_000);
const SCHEDULES = 20;
const SEED = Number(process.env.BANYAN_SEED ?? 20_260_101);

const FAULTS = [{}, { crash: 0.05 }, { crash: 0.02, delay: { probability: 0.2, ms: 40 } }];

it(
  `a supervision tree keeps OTP's promises under ${RUNS} schedules`,
  async () => {
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(trees, happenings, fc.nat(), async (tree, story, first) => {
        for (let seed = first; seed < first + SCHEDULES; seed++) {
          ran++;
          const faults = FAULTS[seed % FAULTS.length] ?? {};
          await simulate({ seed, faults }, (runtime) => runTree(runtime, tree, story, seed));
        }
      }),
      { numRuns: Math.ceil(RUNS / SCHEDULES), seed: SEED },
    );
    expect(ran).toBeGreaterThanOrEqual(RUNS);
  },
  RUNS * 100,
);
