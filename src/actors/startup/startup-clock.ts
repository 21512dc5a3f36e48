// The phases of a start, each marked when it is over. Two system calls a mark, so it is made whether or not anybody asks.
import { EventEmitter } from "eventemitter3";
import type { Profile } from "./profile-table.js";

export interface Mark {
  readonly phase: string;
  /** Milliseconds since the program began. */
  readonly at: number;
  /** Milliseconds of processor time by then, Node's own start included. */
  readonly cpu: number;
}

export class StartupClock {
  readonly marks: Mark[] = [];
  /** With what each box and server took; where the start is profiled, and as far as it is known. */
  profile: Profile | undefined;
  /** `mark` for each. */
  readonly events = new EventEmitter<{ mark: (mark: Mark) => void }>();

  /** The phase is over. */
  mark(phase: string): void {
    const mark = { phase, ...now() };
    this.marks.push(mark);
    this.events.emit("mark", mark);
  }
}

export function now(): Omit<Mark, "phase"> {
  const { user, system } = process.cpuUsage();
  return { at: performance.now(), cpu: (user + system) / 1_000 };
}
