// What must outlive the screen's process: the line being written, the input history, and what is printed already. It is a plain
// object that the owner of the screen makes once and hands to every incarnation in the start argument, so a crash of the
// screen loses no typed character. It carries nothing the screen computes, so it carries no fault of it either.
import { Printed } from "./printed.js";

/** Entries of history kept; the owner may store more. */
const LONGEST_HISTORY = 1_000;

export class Draft {
  text = "";
  /** Where the cursor stands in the text, in UTF-16 units. */
  cursor = 0;
  readonly printed = new Printed();
  /** True once a screen has been up: the next one is a restart. */
  shown = false;
  readonly #history: string[];

  /** @param history what was sent before, oldest first */
  constructor(history: readonly string[] = []) {
    this.#history = history.slice(-LONGEST_HISTORY);
  }

  /** What was sent, oldest first. */
  get history(): readonly string[] {
    return this.#history;
  }

  /** Adds a line that was sent; the same line twice in a row is one. */
  remember(text: string): void {
    if (this.#history.at(-1) === text) return;
    this.#history.push(text);
    if (this.#history.length > LONGEST_HISTORY) this.#history.shift();
  }
}
