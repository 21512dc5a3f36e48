// What the user is doing: the line being written, the list of commands above it, the panel that asks something, and which
// of them a key goes to. Plain state with one method, `take`, that every key goes through; React only draws it. What a key does
// in the list, in a search or in a panel is told by the pure functions of completion-keys, search-keys, approval-keys and form-keys.
//
// A question takes the keys only while the input is empty: who is in the middle of a sentence when a tool asks for approval must not
// approve it with the next "y". Tab changes sides, and any other text goes to the input.
import type { Answer, CommandHint, Question } from "../chat/events.js";
import { approvalKey } from "./approval-keys.js";
import { type Clock, systemClock } from "./clock.js";
import { completionsFor, mentionAt, type WrittenMention, withMention } from "./completion.js";
import { completionKey, listed } from "./completion-keys.js";
import type { Draft } from "./draft.js";
import * as edit from "./editor.js";
import { vertical } from "./editor-rows.js";
import { type EditorState, startWith } from "./editor-state.js";
import { createForm, type FormState } from "./form.js";
import { formKey } from "./form-keys.js";
import { beginSearch, type HistorySearch, searched } from "./history-search.js";
import type { Completion, InteractionState } from "./interaction-state.js";
import { type Input, type Key, type Paste, spelled } from "./keys.js";
import { clear } from "./kill-ring.js";
import { lineKey } from "./line-keys.js";
import { imageMention } from "./pasted-image.js";
import { LONGEST_PASTED, LONGEST_SHOWN, pasted, spreadOut, whole } from "./pastes.js";
import { searchKey } from "./search-keys.js";
import type { TUIManager } from "./tui-manager.js";
import type { View } from "./view-store.js";

export interface Actions {
  /** A line was sent. */
  submit(text: string): void;
  answer(id: string, answer: Answer): void;
  /** What a command's line may go on as, as whole lines without the slash, or a mention as. Never rejects. */
  complete(line: string): Promise<readonly CommandHint[]>;
  /** The running turn is to stop. */
  cancel(): void;
  /** The message that was queued last is to come back into the line. */
  takeBack(): void;
  /** The user leaves. */
  quit(): void;
  /** The screen is to be painted anew. */
  repaint(): void;
  /** The line is to be written in the user's own editor. */
  editOutside(): void;
  /** The program is to stop until the shell lets it go on. */
  suspend(): void;
  /** The user is to be warned of something. */
  notice(text: string): void;
}

export interface InteractionOptions {
  readonly draft: Draft;
  readonly manager: TUIManager;
  readonly actions: Actions;
  readonly view: () => View;
  /** Cells a row of the input has. */
  readonly columns: () => number;
  readonly clock?: Clock;
}

const TOO_MUCH = `A message may have at most ${LONGEST_PASTED.toLocaleString("en")} characters: save that text in a file and name the file.`;
const TOO_LONG = `More than ${LONGEST_SHOWN.toLocaleString("en")} characters are not spread out here: Ctrl-G opens them in your editor.`;
/** How long "press Ctrl-C again" stands, in milliseconds. */
const ONCE_MORE_MS = 3_000;

export class Interaction {
  readonly #options: InteractionOptions;
  readonly #listeners = new Set<() => void>();
  readonly #clock: Clock;
  #question: Question | undefined;
  #state: InteractionState;
  /** Ctrl-X, which is half of a key. */
  #prefix = "";
  #stayCancel: (() => void) | undefined;

  constructor(options: InteractionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { text, cursor, pastes } = options.draft;
    this.#state = {
      editor: startWith(text, cursor, pastes),
      mode: options.manager.mode(),
      completion: undefined,
      search: undefined,
      choice: 0,
      scroll: 0,
      wording: undefined,
      form: undefined,
      leaving: false,
      clearing: false,
    };
    options.manager.subscribe(() => this.#set({ mode: options.manager.mode() }));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): InteractionState => this.#state;

  /** To be called when the view has changed: what opened, closed, came or went may change who has the keys. */
  follow(): void {
    const { manager, view } = this.#options;
    const { question, connected } = view();
    manager.happen({ type: connected ? "came" : "lost" });
    if (question?.id === this.#question?.id) return;
    this.#question = question;
    this.#set({
      choice: 0,
      scroll: 0,
      wording: undefined,
      form: question?.kind === "form" ? this.#formOf(question) : undefined,
    });
    manager.happen(question === undefined ? { type: "answered" } : { type: "asked", writing: this.writing });
  }

  /** As it was when the screen, or the conversation, went away under it. */
  #formOf({ id, schema, values }: Extract<Question, { kind: "form" }>): FormState {
    const { form } = this.#options.draft;
    return form?.question === id ? form.state : createForm(schema, values);
  }

  /** The user is in the middle of a line. */
  get writing(): boolean {
    return this.#state.editor.text !== "";
  }

  /** Takes one key, piece of text or paste. */
  take(input: Input): void {
    const pressed = input.type === "key" ? spelled(input) : undefined;
    if ((this.#state.leaving && pressed !== "C-c") || (this.#state.clearing && pressed !== "escape")) this.#stay();
    if (this.#state.search !== undefined && this.#search(input, this.#state.search)) return;
    if (input.type === "key" && this.#anywhere(input)) return;
    if (this.#state.mode.front === "question" && this.#question !== undefined) this.#panel(this.#question, input);
    else this.#input(input);
  }

  /** A text that comes from the conversation; what the user writes just now stays under it. */
  write(text: string): void {
    const { editor } = this.#state;
    const clean = edit.clean(text); // a server may have written it
    this.#show(edit.withText(editor.text === "" ? clean : `${clean}\n${editor.text}`, editor));
    if (this.#state.mode.front === "question") this.#options.manager.happen({ type: "write" });
  }

  stop(): void {
    this.#stayCancel?.();
    this.#listeners.clear();
  }

  /** Keys that mean the same wherever the focus is. */
  #anywhere(key: Key): boolean {
    const { editor } = this.#state;
    const busy = (this.#options.view().status?.turn ?? "idle") !== "idle";
    if (key.ctrl && key.name === "c") {
      if (editor.text !== "") this.#edit(clear(editor));
      else if (busy) this.#options.actions.cancel();
      else if (this.#question !== undefined) this.#dismiss();
      else if (this.#state.leaving) this.#options.actions.quit();
      else this.#onceMore({ leaving: true });
      return true;
    }
    const writes = this.#state.form !== undefined || this.#state.wording !== undefined;
    if (key.ctrl && key.name === "d" && editor.text === "" && !writes) {
      this.#options.actions.quit();
      return true;
    }
    if (key.ctrl && key.name === "z") {
      this.#options.actions.suspend();
      return true;
    }
    if (key.ctrl && key.name === "l") {
      this.#options.actions.repaint();
      return true;
    }
    if (this.#state.wording !== undefined && (key.name === "escape" || (key.ctrl && key.name === "g"))) {
      this.#set({ wording: undefined });
      return true;
    }
    if (key.name === "escape") {
      if (this.#state.completion !== undefined) this.#set({ completion: undefined });
      else if (this.#question !== undefined) this.#dismiss();
      else if (busy) this.#options.actions.cancel();
      else if (this.#state.clearing) this.#clear(editor);
      else if (editor.text !== "") this.#onceMore({ clearing: true });
      return true;
    }
    return false;
  }

  #dismiss(): void {
    if (this.#question !== undefined) this.#options.actions.answer(this.#question.id, { kind: "dismissed" });
  }

  #clear(editor: EditorState): void {
    this.#edit(clear(editor));
    this.#stay();
  }

  /** The same key once more, soon, and it is done. */
  #onceMore(what: { leaving: true } | { clearing: true }): void {
    this.#stayCancel = this.#clock.after(ONCE_MORE_MS, () => this.#stay());
    this.#set(what);
  }

  #stay(): void {
    this.#stayCancel?.();
    this.#stayCancel = undefined;
    this.#set({ leaving: false, clearing: false });
  }

  #panel(question: Question, input: Input): void {
    const { form } = this.#state;
    const { set, answer, write, leave } =
      question.kind !== "form"
        ? approvalKey(question, this.#state, input)
        : form === undefined
          ? {}
          : formKey(question, form, input);
    if (set !== undefined) this.#set(set);
    if (answer !== undefined) this.#options.actions.answer(question.id, answer);
    if (write || leave) this.#options.manager.happen({ type: "write" });
    if (write) this.#input(input);
  }

  #input(input: Input): void {
    const { editor, completion } = this.#state;
    const prefix = this.#prefix;
    this.#prefix = "";
    if (input.type !== "key") {
      return input.type === "text" ? this.#edit(edit.type(editor, edit.clean(input.text))) : this.#paste(input);
    }
    if (prefix !== "") return this.#prefixed(prefix, input);
    if (completion !== undefined && this.#completion(input, completion)) return;
    switch (input.name) {
      case "enter": {
        const more = input.alt || input.shift ? edit.insert(editor, "\n") : edit.continueLine(editor);
        return more === undefined ? this.#submit(whole(editor)) : this.#edit(more);
      }
      case "j":
        return input.ctrl ? this.#edit(edit.insert(editor, "\n")) : undefined;
      case "tab":
        if (this.#question !== undefined) return this.#options.manager.happen({ type: "decide" });
        return editor.text.startsWith("/") ? this.#complete(editor.text) : undefined;
      case "up":
      case "down": {
        const step = input.name === "up" ? -1 : 1;
        const queued = this.#options.view().status?.queued ?? [];
        if (step === -1 && editor.text === "" && queued.length > 0) return this.#options.actions.takeBack();
        const moved = vertical(editor, this.#options.columns(), step);
        return moved === undefined ? this.#recall(step) : this.#edit(moved);
      }
      case "p":
      case "n":
        return input.ctrl ? this.#recall(input.name === "p" ? -1 : 1) : undefined;
      case "r":
        return input.ctrl ? this.#beginSearch(editor) : undefined;
      case "o":
        return input.alt ? this.#spreadOut() : undefined;
      case "x":
        this.#prefix = input.ctrl ? `${spelled(input)} ` : "";
        return;
      case "g":
        return input.ctrl ? this.#options.actions.editOutside() : undefined;
      default: {
        const changed = lineKey(editor, input);
        if (changed !== undefined) this.#edit(changed);
      }
    }
  }

  #paste({ text, tooLong }: Paste): void {
    const { editor } = this.#state;
    const next = tooLong ? undefined : pasted(editor, imageMention(editor, text) ?? edit.clean(text));
    if (next !== undefined) this.#edit(next);
    else this.#options.actions.notice(TOO_MUCH);
  }

  #prefixed(prefix: string, key: Key): void {
    if (prefix + spelled(key) === "C-x C-e") return this.#options.actions.editOutside();
    const changed = lineKey(this.#state.editor, key, prefix);
    if (changed !== undefined) this.#edit(changed);
  }

  /** The line as it came back from elsewhere. */
  rewrite(text: string): void {
    const { editor } = this.#state;
    if (text !== whole(editor)) this.#edit(edit.withText(edit.clean(text), editor));
  }

  #spreadOut(): void {
    const next = spreadOut(this.#state.editor);
    if (next === "too-long") this.#options.actions.notice(TOO_LONG);
    else if (next !== "none") this.#edit(next);
  }

  #beginSearch(editor: EditorState): void {
    this.#set({ search: beginSearch(editor), completion: undefined });
    this.#options.manager.happen({ type: "search" });
  }

  #recall(step: -1 | 1): void {
    const { editor } = this.#state;
    const { history } = this.#options.draft;
    this.#show(step === -1 ? edit.older(editor, history) : edit.newer(editor, history));
  }

  /** True when the key was the search's; any other ends it, and the line found is edited. */
  #search(input: Input, search: HistorySearch): boolean {
    const { history } = this.#options.draft;
    const next = searchKey(search, input, history);
    const goesOn = typeof next !== "string";
    if (goesOn) this.#show(searched(next, history));
    else if (next === "given-up") this.#show(search.before);
    this.#set({ search: goesOn ? next : undefined });
    if (!goesOn) this.#options.manager.happen({ type: "found" });
    return next !== "taken";
  }

  #completion(key: Key, completion: Completion): boolean {
    if (completion.of !== undefined && completion.of.text !== mentionAt(this.#state.editor)?.text) return false;
    const outcome = completionKey(completion, key);
    if (outcome === undefined) return false;
    if ("list" in outcome) this.#set({ completion: outcome.list });
    else if ("take" in outcome) this.#takeHint(outcome.take);
    else this.#submit(`/${outcome.send.name}`);
    return true;
  }

  /** The rest of a command's line is known by its servers. What comes when the line has changed meanwhile is too late. */
  #complete(line: string): void {
    void this.#options.actions.complete(line).then((items) => {
      const [only] = items;
      if (this.#state.editor.text !== line || only === undefined) return;
      if (items.length === 1) this.#takeHint(only);
      else this.#set({ completion: listed(items) });
    });
  }

  /** A mention's list follows what is written. What comes when that has changed meanwhile is too late; until it comes the list before
   * it stays, and takes no key. */
  #listMentions(of: WrittenMention): void {
    void this.#options.actions.complete(of.text).then((items) => {
      const now = mentionAt(this.#state.editor);
      if (now?.at === of.at && now.text === of.text) this.#set({ completion: listed(items, of) });
    });
  }

  #takeHint({ name }: CommandHint): void {
    const { editor, completion } = this.#state;
    if (completion?.of !== undefined) return this.#edit(withMention(editor, completion.of, edit.clean(name)));
    this.#edit(edit.withText(`/${edit.clean(name)}${name.endsWith("=") ? "" : " "}`, editor));
  }

  #submit(text: string): void {
    if (text.trim() === "") return;
    this.#options.draft.remember(text);
    this.#edit(edit.emptied(this.#state.editor));
    this.#options.manager.happen({ type: "decide" });
    this.#options.actions.submit(text);
  }

  /** The user wrote: the commands that fit are listed. */
  #edit(editor: EditorState): void {
    const textChanged = editor.text !== this.#state.editor.text;
    this.#keep(editor);
    const { completion } = this.#state;
    if (!textChanged) return this.#set({ editor, completion: completion?.of === undefined ? completion : undefined });
    const mention = mentionAt(editor);
    if (mention === undefined) {
      const items = completionsFor(editor.text, this.#options.view().commands);
      return this.#set({ editor, completion: listed(items) });
    }
    this.#set({ editor, completion: completion?.of?.at === mention.at ? completion : undefined });
    this.#listMentions(mention);
  }

  /** A line from the history: no list opens over it, so that Up and Down go on through the history. */
  #show(editor: EditorState): void {
    this.#keep(editor);
    this.#set({ editor, completion: undefined });
  }

  #keep({ text, cursor, pastes }: EditorState): void {
    Object.assign(this.#options.draft, { text, cursor, pastes });
  }

  #set(changes: Partial<InteractionState>): void {
    this.#state = { ...this.#state, ...changes };
    if (changes.form !== undefined && this.#question !== undefined)
      this.#options.draft.form = { question: this.#question.id, state: changes.form };
    for (const listener of [...this.#listeners]) listener();
  }
}
