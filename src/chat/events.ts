// What the conversation tells whoever watches it: the screen, print mode, a remote client. Every event is plain data that
// survives structured cloning, so that a watcher may live in another thread or on another machine.
import type { JsonSchema } from "../llm/provider.js";
import type { NoReply, Ref } from "../supervision/index.js";

/** How a message ended: `streaming` while it is being written; `interrupted` when its writer died or was cancelled. */
export type MessageStatus = "streaming" | "complete" | "interrupted" | "failed";

export type ToolCallStatus = "waiting" | "running" | "done" | "failed" | "denied" | "cancelled" | "interrupted";

/** A tool call as it is shown: a card that changes while it runs. */
export interface ToolCallView {
  readonly id: string;
  /** Namespaced: `server.tool`. */
  readonly name: string;
  readonly arguments: { readonly [key: string]: unknown };
  readonly status: ToolCallStatus;
  readonly progress?: { readonly value: number; readonly total?: number; readonly message?: string };
  /** The result or the error as text, cut to a length that is good to show. */
  readonly result?: string;
  readonly durationMs?: number;
}

/** What was mentioned in a message, or why it could not be read. */
export type AttachedFile =
  | { readonly name: string; readonly bytes: number; readonly image: boolean }
  | { readonly name: string; readonly problem: string };

/** One entry of the transcript, in the order it is shown. */
export type TranscriptItem =
  | { readonly kind: "user"; readonly id: string; readonly text: string }
  /** What goes with the user's message before it. */
  | { readonly kind: "attachments"; readonly id: string; readonly files: readonly AttachedFile[] }
  | {
      readonly kind: "assistant";
      readonly id: string;
      readonly model: string;
      /** What the model thought before it said this. */
      readonly thinking?: string;
      readonly text: string;
      readonly status: MessageStatus;
    }
  | { readonly kind: "tool"; readonly id: string; readonly call: ToolCallView }
  | { readonly kind: "notice"; readonly id: string; readonly level: NoticeLevel; readonly text: string }
  /** What a slash command answered: Markdown. */
  | { readonly kind: "output"; readonly id: string; readonly title: string; readonly text: string };

export type NoticeLevel = "info" | "warn" | "error";

/** Something only the user can answer. One is open at a time; the turn waits for it, the input line does not. */
export type Question =
  | {
      readonly id: string;
      readonly kind: "approval";
      readonly tool: string;
      readonly description: string;
      readonly arguments: { readonly [key: string]: unknown };
      /** What `pattern` offers to allow, for the user to change: every tool of its server. Absent, as where it would not fit: it is not offered. */
      readonly pattern?: string;
      /** It is another tool than the one the user has seen or accepted: what is gone (`-`) and what is new (`+`). */
      readonly changed?: readonly string[];
      /** It was under way already, and may run again only with a yes to just that: what happened. */
      readonly again?: string;
    }
  /** A server wants something done for it: an answer of the model, or a web page opened; or a turn has reached a limit. */
  | {
      readonly id: string;
      readonly kind: "consent";
      readonly title: string;
      readonly description: string;
      /** What exactly is consented to. */
      readonly details: { readonly [key: string]: unknown };
      /** What `always` would mean; absent: it cannot be said. */
      readonly always?: string;
      /** What yes and no mean here, where they are not "Once" and "Deny". */
      readonly labels?: { readonly yes: string; readonly no: string };
    }
  | {
      readonly id: string;
      readonly kind: "form";
      readonly title: string;
      /** True: a server asks, so the user may also say that it is not to know. */
      readonly canDecline?: boolean;
      /** A flat object schema: strings, numbers, booleans, enums, lists of enums. */
      readonly schema: JsonSchema;
      readonly values: { readonly [key: string]: unknown };
    };

/** What the user says to a tool call. A consent knows `once`, `deny`, and `always` where it says so. */
export type Decision =
  /** This call; this tool, as it is, in this conversation until the program ends; or in this folder for good. */
  | { readonly decision: "once" | "session" | "always" }
  /** Every tool whose name fits, in this folder for good. */
  | { readonly decision: "pattern"; readonly pattern: string }
  /** Why is for the model. */
  | { readonly decision: "deny"; readonly reason?: string };

export type Answer =
  /** Of an approval or a consent. */
  | ({ readonly kind: "approval" } & Decision)
  | { readonly kind: "form"; readonly values: { readonly [key: string]: unknown } }
  /** The user does not want to fill in the form of a server. */
  | { readonly kind: "declined" }
  | { readonly kind: "dismissed" };

export type TurnState = "idle" | "thinking" | "answering" | "running-tools" | "waiting-for-you" | "compacting";

/** The status line. */
export interface ChatStatus {
  readonly model: string;
  readonly turn: TurnState;
  readonly breaker: "closed" | "open" | "half-open";
  /** Milliseconds until an open breaker lets a probe through. */
  readonly breakerRetryInMs?: number;
  readonly servers: readonly { readonly name: string; readonly state: string; readonly tools: number }[];
  readonly tokens: { readonly input: number; readonly output: number };
  /** In dollars, of those answers whose model's price is in the settings; absent where there is none. */
  readonly cost?: number;
  /** What is sent with the next message, about, and how much there is room for, in tokens; absent for a model without measure. */
  readonly context?: { readonly tokens: number; readonly limit: number; readonly guessed: boolean } | undefined;
  /** Parts of the tree that are not well, by name: parked, restarting or degraded. */
  readonly degraded: readonly string[];
  /** Messages typed while a turn runs, in the order they will be sent. */
  readonly queued: readonly string[];
  /** Where several things are asked at once: which of them is open, from 1, and how many there are. */
  readonly asking?: { readonly at: number; readonly of: number };
}

/** A command that can be typed, for completion: one that is built in, or an alias. */
export interface CommandHint {
  /** Without the slash; of a line that is completed, all of it. */
  readonly name: string;
  /** What is shown in place of a whole line. */
  readonly label?: string;
  /** One line that says what it does. */
  readonly summary: string;
  /** Other names it goes by. */
  readonly also?: readonly string[];
}

/** What a full screen shows in place of a table. */
export type CommandView = "tree" | "servers" | "logs" | "notifications" | "cache";

/** What a full screen can show above the line being written. */
export type Panel = "progress" | "cache";
export type PanelChoice = readonly Panel[] | "toggle";

/** What a watcher can do besides showing what it is told. */
export interface WatcherAbilities {
  /** It opens views; commands that have one answer with it. */
  readonly views?: boolean;
}

export type ChatEvent =
  /** A new entry, at the end of the transcript. */
  | { readonly type: "item"; readonly item: TranscriptItem }
  /** The entry with this id has changed: replace it whole. */
  | { readonly type: "update"; readonly item: TranscriptItem }
  /** More text of the assistant entry with this id. */
  | { readonly type: "delta"; readonly id: string; readonly text: string }
  | { readonly type: "question"; readonly question: Question }
  | { readonly type: "question-closed"; readonly id: string }
  | { readonly type: "status"; readonly status: ChatStatus }
  /** What can be typed after a slash has changed. */
  | { readonly type: "commands"; readonly commands: readonly CommandHint[] }
  /** A command opens a view; told to those who said that they show some. */
  | { readonly type: "view"; readonly view: CommandView }
  /** These panels are to be shown and no others; told likewise. `toggle`: none, or else those that were shown last. */
  | { readonly type: "panels"; readonly panels: PanelChoice }
  | { readonly type: "cleared" }
  /** A text for the line that is being written, for the user to change and to send. */
  | { readonly type: "draft"; readonly text: string }
  /** A turn has ended: nothing runs and nothing is queued. */
  | { readonly type: "idle" }
  | { readonly type: "quit" };

/** Where the conversation stands: what a watcher that comes late, or comes back, starts from. */
export interface ChatSnapshot {
  readonly sessionId: string;
  readonly items: readonly TranscriptItem[];
  readonly question: Question | undefined;
  readonly status: ChatStatus;
  readonly commands: readonly CommandHint[];
}

/** The conversation as a screen, or any other watcher, sees it: the public methods of the process that leads it. */
export interface ChatLike {
  /** From now on `watcher` is told every event; events follow the snapshot without a gap. Ends when the watcher dies. */
  subscribe(watcher: Ref<ChatWatcher>, abilities?: WatcherAbilities): ChatSnapshot;
  /** A line the user sent: a message or a slash command. While a turn runs it is queued. */
  submit(text: string): void;
  /** What a command's line may go on as, as whole lines without the slash, or a mention as; none if nothing is known. */
  complete(line: string): NoReply | readonly CommandHint[];
  /** Answers the open question; an answer to one that is closed is ignored. */
  answer(id: string, answer: Answer): void;
  /** Stops the turn; false when none ran. */
  cancel(): boolean;
  /** The message that was queued last is not sent: it comes back as a draft. */
  takeBack(): void;
}

/** Whoever is told what happens in the conversation. */
export interface ChatWatcher {
  chatEvent(event: ChatEvent): void;
}
