import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { TurnClock } from "../../src/chat/turn-clock.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("does not count the time it is halted, however often it is told to go on", () => {
  const clock = new TurnClock(100);
  vi.advanceTimersByTime(60);
  clock.halt();
  clock.halt();
  vi.advanceTimersByTime(10_000);
  clock.go();
  clock.go();
  vi.advanceTimersByTime(39);
  expect(clock.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(clock.signal.aborted).toBe(true);
});
