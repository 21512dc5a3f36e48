// What must outlive the screen's process: the line being written, the form being filled in, the input history, and what is printed
// already. It is a plain object that the owner of the screen makes once and hands to every incarnation in the start argument, so a
// crash of the screen loses no typed character. It carries nothing the screen computes, so it carries no fault of it either.
import type { Panel } from "../chat/events.js";
import type { Edited } from "./external-editor.js";
import type { FormState } from "./form.js";
import type { Pastes } from "./pastes.js";
import { Printed } from "./printed.js";
import type { ViewName } from "./tui-manager.js";

/** Entries of history kept, unless told otherwise. */
const LONGEST_HISTORY = 1_000;

export class Draft {
  text = "";
  /** Where the cursor stands in the text, in UTF-16 units. */
  cursor = 0;
  /** The large texts that single characters of `text` stand for. */
  pastes: Pastes = new Map();
  /** What is filled in of the form that a question asks for. */
  form: { readonly question: string; readonly state: FormState } | undefined;
  /** While the user's own editor has the terminal, and until a screen has taken what came of it. */
  outside: Promise<Edited> | undefined;
  readonly printed = new Printed();
  /** The view that is open. */
  view: ViewName | undefined;
  /** The panels that are shown, and those that were last. */
  panels: readonly Panel[] = [];
  lastPanels: readonly Panel[] = ["progress", "cache"];
  /** Notifications of servers since they were last looked at. */
  unread = 0;
  /** True once a screen has been up: the next one is a restart. */
  shown = false;
  /** True once the lines of earlier runs are in the history. */
  recalled = false;
  #history: readonly string[];

  /**
   * @param history what was sent before, oldest first
   * @param longest most entries kept
   */
  constructor(
    history: readonly string[] = [],
    private readonly longest = LONGEST_HISTORY,
  ) {
    this.#history = this.bounded(history);
  }

  /** What was sent, oldest first. */
  get history(): readonly string[] {
    return this.#history;
  }

  /** Adds a line that was sent; a line sent before moves to the end. */
  remember(text: string): void {
    this.#history = this.bounded([...this.#history.filter((line) => line !== text), text]);
  }

  /** Puts the lines of earlier runs, oldest first, before what was sent in this one. */
  recall(lines: readonly string[]): void {
    const own = new Set(this.#history);
    this.#history = this.bounded([...lines.filter((line) => !own.has(line)), ...own]);
    this.recalled = true;
  }

  private bounded(lines: readonly string[]): readonly string[] {
    return lines.slice(Math.max(0, lines.length - this.longest));
  }
}
