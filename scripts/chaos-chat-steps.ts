// The conversation that chaos:chat holds, and the steps of it at which something is killed. The model answers by what was said, so
// the same conversation gets the same answers however often it is asked.
import type { ModelReply, Piece } from "../test/support/model-server.js";

export const MESSAGES = ["write it down", "and then?"] as const;
export const ANSWERS = [
  "I look and then I write it.",
  "Both of it is done and here is the answer.",
  "That was all of it.",
] as const;

/** Which of the three answers a request asks for. */
export type Request = 0 | 1 | 2;

export function requestOf({ messages }: Record<string, unknown>): Request {
  const said = Array.isArray(messages) ? (messages as { role: string; content: unknown }[]) : []; // as the API has it
  if (said.some(({ role, content }) => role === "user" && content === MESSAGES[1])) return 2;
  return said.at(-1)?.role === "tool" ? 1 : 0;
}

export function replyTo(request: Request): ModelReply {
  const text = ANSWERS[request];
  if (request !== 0) return { text, deltas: 6 };
  const call = (id: string, tool: string) => ({ id, name: `count__${tool}`, arguments: { text: id } });
  return { text, deltas: 6, toolCalls: [call("call-look", "look"), call("call-write", "write")] };
}

/** Where an answer of the model is held: before this piece. */
export type Hold = (piece: Piece) => boolean;

export interface Step {
  readonly name: string;
  /** What holds the conversation there; without it nothing runs, or the user is waited for. */
  readonly held?: { readonly request: Request; readonly at: Hold };
  /** The tool that may change something is held while it runs. */
  readonly tool?: true;
  /** What the screen shows by then. */
  readonly shows: string;
}

const first: Hold = ({ at }) => at === 0;
const begun: Hold = ({ at }) => at === 1;
const middle: Hold = ({ at }) => at === 3;
const last: Hold = ({ at, of }) => at === of;

export const steps: readonly Step[] = [
  { name: "message kept", held: { request: 0, at: first }, shows: MESSAGES[0] },
  { name: "first word", held: { request: 0, at: begun }, shows: ANSWERS[0].slice(0, 4) },
  { name: "middle of the answer", held: { request: 0, at: middle }, shows: ANSWERS[0].slice(0, 12) },
  { name: "calls asked for", held: { request: 0, at: last }, shows: ANSWERS[0] },
  { name: "waiting for a yes", shows: "Run count.write?" },
  { name: "tool running", tool: true, shows: "count.write" },
  { name: "tools done", held: { request: 1, at: first }, shows: "write: call-write" },
  { name: "second answer", held: { request: 1, at: middle }, shows: ANSWERS[1].slice(0, 18) },
  { name: "last word", held: { request: 1, at: last }, shows: ANSWERS[1] },
  { name: "idle", shows: ANSWERS[2] },
];

export const victims = [
  "Chat",
  "Turn",
  "Session",
  "MessageStore",
  "Store",
  "TUI",
  "a server",
  "the model",
  "kill -9",
] as const;
export type Victim = (typeof victims)[number];

/** Why there is nothing to kill. */
export function nothingToKill({ name, held }: Step, victim: Victim): boolean {
  if (victim === "the model") return held === undefined;
  return victim === "Turn" && name === "idle";
}

/** Whether what is killed takes the turn with it. */
export function takesTheTurn({ name }: Step, victim: Victim): boolean {
  return name !== "idle" && (victim === "Chat" || victim === "Turn" || victim === "kill -9");
}
