// Where an isolated process runs: a thread or an operating system process, as its stand-in sees it.
import type { IsolationSettings } from "../child-spec.js";
import type { ExitReason } from "../exit-reason.js";
import type { Channel, Wire } from "./wire.js";

export interface Host extends Channel {
  /** Ends it at once, whatever it is doing. */
  kill(): void;
  /** Milliseconds of work so far, and bytes, where they can be read from outside. */
  figures(): { readonly cpu?: number; readonly memory?: number };
}

export interface HostEvents {
  received(batch: readonly Wire[]): void;
  /** It breaks a limit and is to be killed. */
  exceeded(reason: ExitReason): void;
  /** It has ended. `reason` is what is known from outside. */
  exited(reason: ExitReason): void;
}

export type StartHost = (name: string, settings: IsolationSettings, events: HostEvents) => Host;

/** The file that runs inside. */
export const inside = new URL("./inside.js", import.meta.url);
