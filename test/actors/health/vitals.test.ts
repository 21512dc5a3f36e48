import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { VitalSigns } from "../../../src/actors/health/vitals.js";

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

it("the vital signs tell how long the event loop was held up since the look before, even by what has just ended", async () => {
  const vitals = new VitalSigns();
  onTestFinished(() => vitals.stop());
  block(400);
  expect(vitals.look().loopDelayMs).toBeGreaterThanOrEqual(299);
  await sleep(150); // the loop turns again
  vitals.look();
  block(400);
  await sleep(0);
  expect(vitals.look().loopDelayMs).toBeGreaterThanOrEqual(250);
});

it("the vital signs tell the longest pause of the garbage collector", async () => {
  const vitals = new VitalSigns();
  onTestFinished(() => vitals.stop());
  const kept: unknown[] = [];
  let pause = 0;
  // Until the collector has had something to do: the observer is told of it in a turn of its own.
  while (pause === 0) {
    for (let i = 0; i < 200_000; i++) kept.push({ i });
    await sleep(1);
    pause = vitals.look().gcPauseMs;
  }
  expect(pause).toBeGreaterThan(0);
});
