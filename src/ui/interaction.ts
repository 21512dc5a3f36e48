// What the user is doing: the line being written, the list of commands above it, the panel that asks something, and which
// of them a key goes to. Plain state with one method, `take`, that every key goes through; React only draws it.
//
// A question takes the keys only while the input is empty: who is in the middle of a sentence when a tool asks for approval must not
// approve it with the next "y". Tab changes sides, and any other text goes to the input.
import type { Answer, CommandHint, Question } from "../chat/events.js";
import { type Clock, systemClock } from "./clock.js";
import { completionsFor } from "./completion.js";
import { answerOf, type Choice, choicesOf, type Writing, type YesOrNo } from "./components/approval.js";
import type { Draft } from "./draft.js";
import * as edit from "./editor.js";
import { vertical } from "./editor-rows.js";
import { completed, createForm, edited, type FormState, moved, picked, toggled, turned } from "./form.js";
import { beginSearch, type HistorySearch, searched, searchFor, searchOlder } from "./history-search.js";
import type { Input, Key } from "./keys.js";
import { lineKey } from "./line-keys.js";
import type { View } from "./view-store.js";

export interface Actions {
  /** A line was sent. */
  submit(text: string): void;
  answer(id: string, answer: Answer): void;
  /** What a command's line may go on as, as whole lines without the slash. Never rejects. */
  complete(line: string): Promise<readonly CommandHint[]>;
  /** The running turn is to stop. */
  cancel(): void;
  /** The user leaves. */
  quit(): void;
  /** The screen is to be painted anew. */
  repaint(): void;
}

export interface InteractionState {
  readonly editor: edit.EditorState;
  readonly focus: "input" | "question";
  readonly completion: { readonly items: readonly CommandHint[]; readonly selected: number } | undefined;
  /** The history is being searched; `editor` shows what was found. */
  readonly search: HistorySearch | undefined;
  /** Of an approval or a consent: which choice is marked, and how far its arguments are scrolled. */
  readonly choice: number;
  readonly scroll: number;
  /** The choice was taken, and the user writes what goes with it. */
  readonly writing: Writing | undefined;
  readonly form: FormState | undefined;
  /** True after Ctrl-C at an empty, idle prompt: the next one leaves. */
  readonly leaving: boolean;
}

export interface InteractionOptions {
  readonly draft: Draft;
  readonly actions: Actions;
  readonly view: () => View;
  /** Cells a row of the input has. */
  readonly columns: () => number;
  readonly clock?: Clock;
}

/** How long "press Ctrl-C again" stands, in milliseconds. */
const LEAVING_MS = 3_000;

export class Interaction {
  readonly #options: InteractionOptions;
  readonly #listeners = new Set<() => void>();
  readonly #clock: Clock;
  #question: Question | undefined;
  #state: InteractionState;
  /** The user moved in the list of commands, so Enter takes the marked one. */
  #picked = false;
  #stayCancel: (() => void) | undefined;

  constructor(options: InteractionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { text, cursor } = options.draft;
    this.#state = {
      editor: { ...edit.EMPTY, text, cursor: Math.min(cursor, text.length) },
      focus: "input",
      completion: undefined,
      search: undefined,
      choice: 0,
      scroll: 0,
      writing: undefined,
      form: undefined,
      leaving: false,
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): InteractionState => this.#state;

  /** To be called when the view has changed: a question that opened or closed changes who has the keys. */
  follow(): void {
    const { question } = this.#options.view();
    if (question?.id === this.#question?.id) return;
    this.#question = question;
    this.#set({
      focus: question !== undefined && this.#state.editor.text === "" ? "question" : "input",
      choice: 0,
      scroll: 0,
      writing: undefined,
      form: question?.kind === "form" ? createForm(question.schema, question.values) : undefined,
    });
  }

  /** Takes one key, piece of text or paste. */
  take(input: Input): void {
    const isCtrlC = input.type === "key" && input.ctrl && input.name === "c";
    if (this.#state.leaving && !isCtrlC) this.#stay();
    if (this.#state.search !== undefined && this.#search(input, this.#state.search)) return;
    if (input.type === "key" && this.#anywhere(input)) return;
    if (this.#state.focus === "question" && this.#question !== undefined) {
      if (this.#question.kind === "form") this.#form(this.#question, input);
      else this.#approval(this.#question, input);
    } else {
      this.#input(input);
    }
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
      if (editor.text !== "") this.#edit(edit.clear(editor));
      else if (busy) this.#options.actions.cancel();
      else if (this.#question !== undefined) this.#dismiss();
      else if (this.#state.leaving) this.#options.actions.quit();
      else this.#leave();
      return true;
    }
    const writes = this.#state.form !== undefined || this.#state.writing !== undefined;
    if (key.ctrl && key.name === "d" && editor.text === "" && !writes) {
      this.#options.actions.quit();
      return true;
    }
    if (key.ctrl && key.name === "l") {
      this.#options.actions.repaint();
      return true;
    }
    if (this.#state.writing !== undefined && (key.name === "escape" || (key.ctrl && key.name === "g"))) {
      this.#set({ writing: undefined });
      return true;
    }
    if (key.name === "escape") {
      if (this.#state.completion !== undefined) this.#set({ completion: undefined });
      else if (this.#question !== undefined) this.#dismiss();
      else if (busy) this.#options.actions.cancel();
      return true;
    }
    return false;
  }

  #dismiss(): void {
    if (this.#question !== undefined) this.#options.actions.answer(this.#question.id, { kind: "dismissed" });
  }

  #leave(): void {
    this.#stayCancel = this.#clock.after(LEAVING_MS, () => this.#stay());
    this.#set({ leaving: true });
  }

  #stay(): void {
    this.#stayCancel?.();
    this.#stayCancel = undefined;
    this.#set({ leaving: false });
  }

  #approval(question: YesOrNo, input: Input): void {
    const choices = choicesOf(question);
    const decide = (choice: Choice | undefined): void => {
      if (choice === undefined) return;
      if (choice.writes === undefined) return this.#options.actions.answer(question.id, answerOf(choice, ""));
      this.#set({ writing: { choice, editor: edit.withText(choice.writes.first) } });
    };
    if (this.#state.writing !== undefined) return this.#write(question, this.#state.writing, input);
    if (input.type === "key") {
      const { choice, scroll } = this.#state;
      switch (input.name) {
        case "left":
        case "up":
          return this.#set({ choice: Math.max(0, choice - 1) });
        case "right":
        case "down":
          return this.#set({ choice: Math.min(choices.length - 1, choice + 1) });
        case "pageup":
          return this.#set({ scroll: Math.max(0, scroll - 4) });
        case "pagedown":
          return this.#set({ scroll: scroll + 4 });
        case "enter":
          return decide(choices[choice]);
        case "tab":
          return this.#set({ focus: "input" });
        default:
          return;
      }
    }
    const chosen = input.type === "text" ? choices.find(({ key }) => key === input.text.toLowerCase()) : undefined;
    if (chosen !== undefined) return decide(chosen);
    this.#set({ focus: "input" });
    this.#input(input);
  }

  #write({ id }: YesOrNo, { choice, editor }: Writing, input: Input): void {
    if (input.type === "key" && input.name === "enter") {
      this.#options.actions.answer(id, answerOf(choice, editor.text.trim()));
      return this.#set({ writing: undefined });
    }
    if (input.type === "key" && input.name === "tab") return this.#set({ focus: "input" });
    const changed = input.type === "key" ? lineKey(editor, input) : edit.paste(editor, input.text.replace(/\s+/g, " "));
    if (changed !== undefined) this.#set({ writing: { choice, editor: changed } });
  }

  #form({ id, canDecline }: Extract<Question, { kind: "form" }>, input: Input): void {
    const { form } = this.#state;
    if (form === undefined) return;
    if (canDecline && input.type === "key" && input.ctrl && input.name === "x") {
      return this.#options.actions.answer(id, { kind: "declined" });
    }
    const field = form.fields[form.at];
    const chooses = field !== undefined && field.choices.length > 0;
    if (input.type !== "key") {
      if (!chooses) return this.#set({ form: edited(form, (editor) => edit.paste(editor, input.text)) });
      const spaced = field?.kind === "choices" ? toggled(form) : turned(form, 1);
      return this.#set({ form: input.text === " " ? spaced : picked(form, input.text) });
    }
    if (input.name === "enter" && !input.alt && !input.shift) {
      const next = moved(form, 1);
      if (next !== undefined) return this.#set({ form: next });
      const result = completed(form);
      if ("form" in result) return this.#set({ form: result.form });
      return this.#options.actions.answer(id, { kind: "form", values: result.values });
    }
    if (input.name === "tab" || input.name === "up" || input.name === "down") {
      const next = moved(form, input.name === "up" || input.shift ? -1 : 1);
      if (next !== undefined) return this.#set({ form: next });
      return input.name === "tab" ? this.#set({ focus: "input" }) : undefined;
    }
    if (chooses) {
      if (input.name === "left" || input.name === "right") {
        this.#set({ form: turned(form, input.name === "left" ? -1 : 1) });
      }
      return;
    }
    this.#set({ form: edited(form, (editor) => lineKey(editor, input) ?? editor) });
  }

  #input(input: Input): void {
    const { editor, completion } = this.#state;
    if (input.type !== "key") return this.#edit(edit.paste(editor, input.text));
    if (completion !== undefined && this.#completionKey(input, completion)) return;
    switch (input.name) {
      case "enter": {
        const more = input.alt || input.shift ? edit.insert(editor, "\n") : edit.continueLine(editor);
        return more === undefined ? this.#submit(editor.text) : this.#edit(more);
      }
      case "j":
        return input.ctrl ? this.#edit(edit.insert(editor, "\n")) : undefined;
      case "tab":
        if (this.#question !== undefined) return this.#set({ focus: "question" });
        return editor.text.startsWith("/") ? this.#complete(editor.text) : undefined;
      case "up":
      case "down": {
        const step = input.name === "up" ? -1 : 1;
        const moved = vertical(editor, this.#options.columns(), step);
        return moved === undefined ? this.#recall(step) : this.#edit(moved);
      }
      case "p":
      case "n":
        return input.ctrl ? this.#recall(input.name === "p" ? -1 : 1) : undefined;
      case "r":
        return input.ctrl ? this.#set({ search: beginSearch(editor), completion: undefined }) : undefined;
      default: {
        const changed = lineKey(editor, input);
        if (changed !== undefined) this.#edit(changed);
      }
    }
  }

  #recall(step: -1 | 1): void {
    const { editor } = this.#state;
    const { history } = this.#options.draft;
    this.#show(step === -1 ? edit.older(editor, history) : edit.newer(editor, history));
  }

  /** True when the key was the search's; any other ends it, and the line found is edited. */
  #search(input: Input, search: HistorySearch): boolean {
    const { history } = this.#options.draft;
    let next: HistorySearch | undefined;
    if (input.type !== "key") next = searchFor(search, search.query + input.text.replace(/\s+/g, " "), history);
    else if (input.ctrl && input.name === "r") next = searchOlder(search, history);
    else if (input.name === "backspace")
      next = searchFor(search, edit.backspace(edit.withText(search.query)).text, history);
    if (next !== undefined) {
      this.#show(searched(next, history));
      this.#set({ search: next });
      return true;
    }
    const givenUp = input.type === "key" && (input.name === "escape" || (input.ctrl && /^[cg]$/.test(input.name)));
    if (givenUp) this.#show(search.before);
    this.#set({ search: undefined });
    return givenUp;
  }

  #completionKey(key: Key, completion: NonNullable<InteractionState["completion"]>): boolean {
    const { items, selected } = completion;
    const marked = items[selected];
    if (key.name === "up" || key.name === "down") {
      this.#picked = true;
      const next = (selected + (key.name === "up" ? -1 : 1) + items.length) % items.length;
      this.#set({ completion: { items, selected: next } });
      return true;
    }
    if (key.name === "tab" && marked !== undefined) {
      this.#takeHint(marked);
      return true;
    }
    if (key.name === "enter" && !key.alt && !key.shift && this.#picked && marked !== undefined) {
      this.#submit(`/${marked.name}`);
      return true;
    }
    return false;
  }

  /** The rest of a command's line is known by its servers. What comes when the line has changed meanwhile is too late. */
  #complete(line: string): void {
    void this.#options.actions.complete(line).then((items) => {
      const [only] = items;
      if (this.#state.editor.text !== line || only === undefined) return;
      if (items.length === 1) this.#takeHint(only);
      else this.#set({ completion: { items, selected: 0 } });
    });
  }

  #takeHint({ name }: CommandHint): void {
    this.#edit(edit.withText(name.endsWith("=") ? `/${name}` : `/${name} `, this.#state.editor));
  }

  #submit(text: string): void {
    if (text.trim() === "") return;
    this.#options.draft.remember(text);
    this.#edit({ ...edit.EMPTY, killed: this.#state.editor.killed });
    if (this.#question !== undefined) this.#set({ focus: "question" });
    this.#options.actions.submit(text);
  }

  /** The user wrote: the commands that fit are listed. */
  #edit(editor: edit.EditorState): void {
    const textChanged = editor.text !== this.#state.editor.text;
    this.#keep(editor);
    if (!textChanged) return this.#set({ editor });
    const items = completionsFor(editor.text, this.#options.view().commands);
    this.#set({ editor, completion: items.length === 0 ? undefined : { items, selected: 0 } });
    this.#picked = false;
  }

  /** A line from the history: no list opens over it, so that Up and Down go on through the history. */
  #show(editor: edit.EditorState): void {
    this.#keep(editor);
    this.#set({ editor, completion: undefined });
    this.#picked = false;
  }

  #keep({ text, cursor }: edit.EditorState): void {
    this.#options.draft.text = text;
    this.#options.draft.cursor = cursor;
  }

  #set(changes: Partial<InteractionState>): void {
    this.#state = { ...this.#state, ...changes };
    for (const listener of [...this.#listeners]) listener();
  }
}
