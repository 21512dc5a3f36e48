// What happens in a process, for those who look on: message time-outs, progress deadlines, traces and logs are all observers
// of these events. The first set is the framework's own; a trace shows the second, OTP's system events (otp: stdlib, sys).
import type { ExitReason } from "./exit-reason.js";
import { CALL, CAST, type Call, INFO, type Message } from "./messages.js";
import { Failure } from "./outcomes.js";

export type ProcessEvent =
  /** A message of the mailbox is taken in hand. */
  | { readonly type: "in"; readonly message: Message }
  /** The call in hand was answered; `result` is the reply or a `Failure`. */
  | { readonly type: "out"; readonly message: Call; readonly result: unknown }
  /** The message in hand is done and nobody was answered. */
  | { readonly type: "noreply"; readonly message: Message }
  | { readonly type: "continue"; readonly value: unknown }
  | { readonly type: "terminate"; readonly reason: ExitReason }
  /** A request of the system (getState, suspend, …) was served. */
  | { readonly type: "system" }
  /** The handler said that it gets on. */
  | { readonly type: "progress" };

export type Observer = (event: ProcessEvent) => void;

/** A message as traces and logs show it. */
export type TracedMessage =
  | { readonly kind: "call" | "cast"; readonly method: string; readonly args: readonly unknown[] }
  | { readonly kind: "info"; readonly message: unknown };

/** A system event. `out` carries the `reply`, or the `failure` that rejected the caller. */
export type TraceEvent =
  | { readonly type: "in" | "noreply"; readonly message: TracedMessage }
  | { readonly type: "out"; readonly message: TracedMessage; readonly reply: unknown }
  | { readonly type: "out"; readonly message: TracedMessage; readonly failure: unknown }
  | { readonly type: "continue"; readonly value: unknown }
  | { readonly type: "terminate"; readonly reason: ExitReason };

/** The event as a trace shows it; undefined for those that are the framework's own business. */
export function traced(event: ProcessEvent): TraceEvent | undefined {
  switch (event.type) {
    case "system":
    case "progress":
      return undefined;
    case "continue":
    case "terminate":
      return event;
    case "out": {
      const message = tracedMessage(event.message);
      const { result } = event;
      return result instanceof Failure
        ? { type: "out", message, failure: result.failure }
        : { type: "out", message, reply: result };
    }
    default:
      return { type: event.type, message: tracedMessage(event.message) };
  }
}

function tracedMessage(message: Message): TracedMessage {
  if (message.kind === CALL) return { kind: "call", method: message.method, args: message.args };
  if (message.kind === CAST) return { kind: "cast", method: message.method, args: message.args };
  return { kind: "info", message: message.kind === INFO ? message.message : undefined };
}
