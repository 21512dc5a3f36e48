// What the user is doing, as plain state: the line being written, what stands above it, and who has the keys.
import type { Answer, CommandHint } from "../chat/events.js";
import type { WrittenMention } from "./completion.js";
import type { Wording } from "./components/approval.js";
import type { EditorState } from "./editor-state.js";
import type { FormState } from "./form.js";
import type { HistorySearch } from "./history-search.js";
import type { Mode } from "./tui-manager.js";

export interface Completion {
  /** The mention that it completes; absent for a command. */
  readonly of?: WrittenMention;
  readonly items: readonly CommandHint[];
  readonly selected: number;
  /** The user moved in the list, so Enter takes the marked one. */
  readonly picked: boolean;
}

export interface InteractionState {
  readonly editor: EditorState;
  readonly mode: Mode;
  readonly completion: Completion | undefined;
  /** In the mode of searching: for what; `editor` shows what was found. */
  readonly search: HistorySearch | undefined;
  /** Of an approval or a consent: which choice is marked, and how far its arguments are scrolled. */
  readonly choice: number;
  readonly scroll: number;
  /** The choice that was taken, while the user writes the words that go with it. */
  readonly wording: Wording | undefined;
  readonly form: FormState | undefined;
  /** True after Ctrl-C at an empty, idle prompt: the next one leaves. */
  readonly leaving: boolean;
  /** True after Esc in a line that nothing else could be done with: the next one clears it. */
  readonly clearing: boolean;
}

/** What a key does in a question's panel; nothing at all when all are absent. */
export interface PanelOutcome {
  readonly set?: Partial<InteractionState>;
  readonly answer?: Answer;
  /** The input takes the keys again. */
  readonly leave?: true;
  /** It is no key of the panel's: it is written to the input, which takes the keys again. */
  readonly write?: true;
}
