// Which entries of the conversation are on the terminal already. The terminal outlives the screen's process, so this memory
// does too: a screen that starts again, or subscribes again, prints only what is new. An entry counts as printed once it
// was handed over for printing, so that one which cannot be drawn does not bring every following screen down as well.

/** Ids remembered; older ones are past the end of any snapshot's tail. */
const LONGEST_MEMORY = 10_000;
const DONE = Number.POSITIVE_INFINITY;

export class Printed {
  #session: string | undefined;
  readonly #upTo = new Map<string, number>();

  /** Another session's entries are other entries. */
  session(id: string): void {
    if (this.#session !== undefined && this.#session !== id) this.#upTo.clear();
    this.#session = id;
  }

  /** True when some of the entry is printed. */
  has(id: string): boolean {
    return this.#upTo.has(id);
  }

  isDone(id: string): boolean {
    return this.#upTo.get(id) === DONE;
  }

  /** How many characters of an answer are printed. */
  upTo(id: string): number {
    return this.#upTo.get(id) ?? 0;
  }

  reached(id: string, position: number): void {
    this.#remember(id, position);
  }

  done(id: string): void {
    this.#remember(id, DONE);
  }

  forget(id: string): void {
    this.#upTo.delete(id);
  }

  clear(): void {
    this.#upTo.clear();
  }

  #remember(id: string, position: number): void {
    this.#upTo.delete(id);
    this.#upTo.set(id, position);
    if (this.#upTo.size > LONGEST_MEMORY) {
      const oldest = this.#upTo.keys().next().value;
      if (oldest !== undefined) this.#upTo.delete(oldest);
    }
  }
}
