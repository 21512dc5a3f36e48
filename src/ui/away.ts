// When the screen is away from its terminal: the user's own editor has it (Ctrl-G), or the program is suspended (Ctrl-Z) until the
// shell lets it go on. What the editor leaves is in the Draft until a screen takes it, so this one may die meanwhile.

import type { Environment } from "./abilities.js";
import type { Clock } from "./clock.js";
import type { Draft } from "./draft.js";
import { type Edited, editOutside } from "./external-editor.js";
import { whole } from "./pastes.js";

export interface AwayOptions {
  readonly draft: Draft;
  /** Where the user's editor is named. */
  readonly env: Environment;
  readonly clock: Clock;
  /** The terminal is to be left as it was; `lost`: what stands on it is not known any more. */
  leave(lost: boolean): void;
  /** The terminal is to be taken again. */
  comeBack(): void;
  /** What came of the user's editor, once the terminal is taken again. */
  edited(edited: Edited): void;
}

/** A program that was told to stop and still runs after so many milliseconds was not stopped. */
const CONTINUE_MS = 300;

export class Away {
  readonly #options: AwayOptions;
  #isAway = false;
  #isStopped = false;
  #cancelContinue: (() => void) | undefined;

  constructor(options: AwayOptions) {
    this.#options = options;
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  /** From now on the program may be suspended. Away at once when the screen before died while the user's editor had the terminal. */
  start(): void {
    process.on("SIGCONT", this.#continued);
    const { outside } = this.#options.draft;
    if (outside !== undefined) this.#wait(outside);
  }

  stop(): void {
    process.off("SIGCONT", this.#continued);
    this.#isStopped = true;
    this.#cancelContinue?.();
  }

  /** The line is written in the user's editor. */
  editOutside(): void {
    const { draft, env } = this.#options;
    if (draft.outside !== undefined) return;
    this.#leave(false);
    draft.outside = editOutside(whole(draft), env);
    this.#wait(draft.outside);
  }

  /** The program stops, with all of its group, which is one job to the shell. On Windows nothing does. */
  suspend(): void {
    if (process.platform === "win32") return;
    this.#leave(false);
    process.kill(0, "SIGTSTP");
    // Where no shell could let it go on, the program has not stopped. A timer that comes due while it is stopped is first to run
    // when it goes on, before the signal that says so: hence the second one.
    const { clock } = this.#options;
    this.#cancelContinue = clock.after(CONTINUE_MS, () => {
      this.#cancelContinue = clock.after(CONTINUE_MS, () => this.#comeBack());
    });
  }

  #wait(outside: Promise<Edited>): void {
    this.#leave(false);
    void outside.then((edited) => {
      if (this.#isStopped) return; // the next screen waits, too
      this.#options.draft.outside = undefined;
      this.#comeBack();
      this.#options.edited(edited);
    });
  }

  /** Who was stopped by others knows nothing of what stands on the terminal by now. */
  readonly #continued = (): void => {
    if (this.#options.draft.outside !== undefined) return;
    this.#leave(true);
    this.#comeBack();
  };

  #leave(lost: boolean): void {
    if (this.#isAway) return;
    this.#isAway = true;
    this.#options.leave(lost);
  }

  #comeBack(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#cancelContinue?.();
    this.#options.comeBack();
  }
}
