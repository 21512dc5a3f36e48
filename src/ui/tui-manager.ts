// The TUIManager: which mode the screen is in and who has the keys, as one xstate machine. Two things are told apart: how the
// conversation is (starting, here, or restarting), and what stands in front (the line being written, a search of the history, a
// question, a view that fills the terminal, or nothing at all while the program is suspended). It is pure: whoever holds one
// tells it what happens, asks it how things stand, and is told when that has changed.
//
// A question takes the keys only while the line is empty: who is in the middle of a sentence when a tool asks for approval must not
// approve it with the next "y". In a view it waits until the user comes back.
import { and, assign, initialTransition, not, type SnapshotFrom, setup, transition } from "xstate";
import type { Input } from "./keys.js";

export const viewNames = ["tree", "servers", "logs", "notifications", "cache", "progress", "help"] as const;
/** What fills the terminal. */
export type ViewName = (typeof viewNames)[number];

export function isView(front: Front): front is ViewName {
  return viewNames.some((name) => name === front);
}

/** What stands in front and has the keys. */
export type Front = "input" | "search" | "question" | "suspended" | ViewName;

export interface Mode {
  readonly conversation: "starting" | "here" | "restarting";
  readonly front: Front;
}

export type ModeEvent =
  /** The conversation. */
  | { readonly type: "came" | "lost" }
  /** A question opened, or another took its place; whether the user was writing. */
  | { readonly type: "asked"; readonly writing: boolean }
  | { readonly type: "answered" }
  /** From the question to the line, and to the question. */
  | { readonly type: "write" | "decide" }
  | { readonly type: "search" | "found" }
  | { readonly type: "open"; readonly view: ViewName }
  /** From the view to the conversation. */
  | { readonly type: "back"; readonly writing: boolean }
  | { readonly type: "suspend" | "resume" };

interface Context {
  /** A question is open. */
  readonly asked: boolean;
  /** The view that is open, or was last. */
  readonly view: ViewName;
}

const machine = setup({
  types: {} as { context: Context; events: ModeEvent }, // xstate reads types here alone
  guards: {
    asked: ({ context }) => context.asked,
    idle: ({ event }) => "writing" in event && !event.writing,
  },
  actions: {
    ask: assign({ asked: true }),
    settle: assign({ asked: false }),
    view: assign(({ event }) => (event.type === "open" ? { view: event.view } : {})),
  },
}).createMachine({
  id: "tui",
  type: "parallel",
  context: { asked: false, view: "tree" },
  states: {
    conversation: {
      initial: "starting",
      states: {
        starting: { on: { came: "here" } },
        here: { on: { lost: "restarting" } },
        restarting: { on: { came: "here" } },
      },
    },
    front: {
      initial: "shown",
      on: {
        open: { target: ".shown.view", actions: "view" },
        asked: { actions: "ask" },
        answered: { actions: "settle" },
      },
      states: {
        shown: {
          initial: "input",
          on: { suspend: "suspended" },
          states: {
            input: {
              on: {
                search: "search",
                decide: { guard: "asked", target: "question" },
                asked: [{ guard: "idle", target: "question", actions: "ask" }, { actions: "ask" }],
              },
            },
            search: { on: { found: "input" } },
            question: {
              always: { guard: not("asked"), target: "input" },
              on: {
                write: "input",
                asked: [
                  { guard: "idle", actions: "ask" },
                  { target: "input", actions: "ask" },
                ],
              },
            },
            view: { on: { back: [{ guard: and(["asked", "idle"]), target: "question" }, { target: "input" }] } },
            last: { type: "history" },
          },
        },
        suspended: { on: { resume: "shown.last" } },
      },
    },
  },
});

export class TUIManager {
  #snapshot: SnapshotFrom<typeof machine>;
  #mode: Mode;
  readonly #listeners = new Set<() => void>();

  constructor() {
    [this.#snapshot] = initialTransition(machine);
    this.#mode = modeOf(this.#snapshot);
  }

  readonly mode = (): Mode => this.#mode;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The view in front, if one is. */
  get view(): ViewName | undefined {
    const { front } = this.#mode;
    return isView(front) ? front : undefined;
  }

  happen(event: ModeEvent): void {
    [this.#snapshot] = transition(machine, this.#snapshot, event);
    const mode = modeOf(this.#snapshot);
    const { conversation, front } = this.#mode;
    if (mode.conversation === conversation && mode.front === front) return;
    this.#mode = mode;
    for (const listener of [...this.#listeners]) listener();
  }

  /** What a key means in every mode: it opens a view, or goes back from it. Undefined: it means what it does to who has the keys. */
  meaning(input: Input, writing: boolean): ModeEvent | undefined {
    if (input.type !== "key") return undefined;
    const open = VIEW_KEYS[input.name];
    const { view } = this;
    if (open !== undefined) return open === view ? { type: "back", writing } : { type: "open", view: open };
    if (!input.ctrl || input.name !== "o") return undefined;
    return view === undefined ? { type: "open", view: this.#snapshot.context.view } : { type: "back", writing };
  }
}

/** Beside Ctrl+O, which opens the view that was open last. */
export const VIEW_KEYS: { readonly [key: string]: ViewName | undefined } = {
  f1: "help",
  f2: "tree",
  f3: "servers",
  f4: "logs",
  f5: "notifications",
  f6: "cache",
  f7: "progress",
};

function modeOf({ value, context }: SnapshotFrom<typeof machine>): Mode {
  const { conversation, front } = value;
  if (front === "suspended") return { conversation, front };
  return { conversation, front: front.shown === "view" ? context.view : front.shown };
}
