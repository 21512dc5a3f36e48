// What goes between the two sides of an isolated process: arrays of numbers first, for they are the cheapest to clone.
// `special` says that the value before it holds refs or errors and is to be decoded.
import type { Target } from "./remote.js";

export const CAST = 0;
export const CALL = 1;
export const INFO = 2;
export const REPLY = 3;
export const EXIT = 4;
export const LINK = 5;
export const UNLINK = 6;
export const DIED = 7;
export const MONITOR = 8;
export const DOWN = 9;
export const HANDLED = 10;
export const GET_STATE = 11;
export const SET_STATE = 12;
export const REPORT = 13;
export const FIGURES = 14;
export const START = 15;
export const STARTED = 16;
export const STOP = 17;
export const CANCEL = 18;
export const SUSPEND = 19;
export const COUNT = 20;

/** A process as the sender counts it, see `Bridge`: twice its number, plus one if it is the receiver's own. */
export type Address = number;

export type Wire =
  | readonly [typeof CAST, to: Target, method: string, args: unknown, special: boolean, ack: number]
  | readonly [
      typeof CALL,
      to: Target,
      method: string,
      args: unknown,
      special: boolean,
      ack: number,
      id: number,
      timeLeft: number,
      from: Address | undefined,
    ]
  | readonly [typeof INFO, to: Target, message: unknown, special: boolean, ack: number]
  | readonly [typeof REPLY, id: number, ok: boolean, value: unknown, special: boolean]
  | readonly [typeof EXIT, to: Target, from: Address | undefined, reason: unknown, special: boolean]
  | readonly [typeof LINK | typeof UNLINK, local: Address, to: Target]
  | readonly [typeof DIED, process: number, reason: unknown, special: boolean]
  | readonly [typeof MONITOR, name: string, id: number]
  | readonly [typeof DOWN, name: string, id: number, reason: unknown, special: boolean]
  | readonly [typeof HANDLED, ack: number]
  | readonly [typeof CANCEL, id: number]
  | readonly [typeof SUSPEND, suspended: boolean, id: number]
  | readonly [typeof GET_STATE | typeof COUNT, id: number]
  | readonly [typeof SET_STATE, state: unknown, special: boolean, id: number]
  | readonly [typeof REPORT, kind: string, fields: unknown, special: boolean]
  | readonly [typeof FIGURES, memory: number, cpu: number]
  | readonly [typeof STOP, reason: unknown, special: boolean]
  | readonly [typeof START, order: StartOrder]
  | readonly [typeof STARTED, how: "ok" | "ignore" | "silent" | "failed", reason: unknown, special: boolean];

/** What the other side is to run. */
export interface StartOrder {
  readonly module: string;
  readonly className: string;
  readonly name: string | undefined;
  readonly parent: Address | undefined;
  readonly parentName: string;
  /** See ChildSpec. */
  readonly progressDeadline: number | undefined;
  readonly arg: unknown;
  /** The argument is a list to spread over `init`'s parameters. */
  readonly extra: boolean;
  readonly special: boolean;
}

/** Carries batches to the other side. */
export interface Channel {
  /** Throws where something in the batch cannot be cloned. */
  post(batch: readonly Wire[], transfers: readonly ArrayBuffer[]): void;
  /** Throws if this one cannot be cloned. */
  check(wire: Wire): void;
}
