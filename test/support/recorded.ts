// Recorded screens: what a real terminal shows at a named moment, kept as text beside the test in test/screens/recorded/. A test
// waits until the terminal shows just that, and fails with the difference when it never does. `RECORD=1` writes them anew.
//
// What differs from run to run (times, durations, ids, temporary folders, ports, spinners) is made the same first.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { RealTerminal } from "./terminal.js";

const folder = new URL("../screens/recorded/", import.meta.url);
/** A screen that is recorded has to stand still for so long, in milliseconds. */
const STILL_MS = 700;
const LONGEST_MS = 45_000;

/** What is made the same. The gap to the next column goes with it, for its width depends on what was there. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  // It is there from the first second on.
  [/(?<=waiting for you|thinking|answering|running tools) \d+ s/g, ""],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "‹time›"],
  [/\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?/g, "‹date›"],
  [/\b\d\d:\d\d:\d\d\b/g, "‹time›"],
  [/\b[\d.,]+ ?(ms|µs|s|min|h)\b/g, "‹duration›"],
  [/\b[\d.,]+ ?(B|kB|KB|MB|GB|KiB|MiB)\b/g, "‹size›"],
  [/\b[\d.,]+ ?%/g, "‹percent›"],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "‹id›"],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{8}\b/g, "‹id›"],
  [/\/tmp\/[\w./-]+/g, "‹folder›"],
  [/127\.0\.0\.1:\d+/g, "127.0.0.1:‹port›"],
  [/\bpid \d+/g, "pid ‹n›"],
  [/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g, "⠋"],
];

export interface RecordedOptions {
  /** More of what differs from run to run, as it is replaced. */
  readonly masks?: readonly (readonly [RegExp, string])[];
  /** All that was scrolled away, too. */
  readonly scrollback?: boolean;
}

/** Passes once the terminal shows what was recorded under this name. */
export async function recorded(
  terminal: RealTerminal,
  name: string,
  { masks = [], scrollback = false }: RecordedOptions = {},
): Promise<void> {
  const file = new URL(`${name}.txt`, folder);
  const shown = (): string => same(scrollback ? terminal.everything() : terminal.screen(), [...masks, ...MASKS]);
  if (process.env.RECORD === "1") {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, await still(shown));
    return;
  }
  const wanted = existsSync(file) ? readFileSync(file, "utf8") : "(not recorded yet; run this test with RECORD=1)";
  await expect.poll(shown, { timeout: LONGEST_MS, interval: 50 }).toBe(wanted);
}

function same(screen: string, masks: readonly (readonly [RegExp, string])[]): string {
  let text = screen;
  for (const [pattern, word] of masks) {
    text = text.replace(new RegExp(`${pattern.source}( {2,})?`, pattern.flags), (...found) => {
      const groups: readonly unknown[] = found.slice(
        1,
        found.findIndex((part) => typeof part === "number"),
      );
      return groups.at(-1) === undefined ? word : `${word}  `;
    });
  }
  return `${text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .trimEnd()}\n`;
}

async function still(shown: () => string): Promise<string> {
  let last = shown();
  for (let since = Date.now(); Date.now() - since < STILL_MS; ) {
    await sleep(50);
    const now = shown();
    if (now === last) continue;
    last = now;
    since = Date.now();
  }
  return last;
}
