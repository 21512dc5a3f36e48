// One line that says how things stand: what the model is doing, the servers, the tokens, what is not well. Where the
// width does not suffice, the least important parts go first.
import type { ChatStatus, TurnState } from "../../chat/events.js";
import { dollars, duration, quantity } from "../figures.js";
import type { InteractionState } from "../interaction-state.js";
import { clip, oneLine, width } from "../text.js";
import type { Theme } from "../theme.js";
import type { Mode } from "../tui-manager.js";
import type { View } from "../view-store.js";

interface Part {
  readonly text: string;
  /** The highest number is left out first. */
  readonly rank: number;
}

const TURNS: { readonly [turn in TurnState]: string } = {
  idle: "",
  thinking: "thinking",
  answering: "answering",
  "running-tools": "running tools",
  "waiting-for-you": "waiting for you",
  compacting: "summing up",
};

/** Of what the user does, what the line tells. */
type Doing = Pick<InteractionState, "leaving" | "clearing" | "mode">;

export function statusLine(view: View, doing: Doing, columns: number, theme: Theme, now: number): string {
  const again = doing.leaving ? "press Ctrl-C again to leave" : doing.clearing ? "press Esc again to clear" : undefined;
  let parts =
    again !== undefined
      ? [{ text: theme.warn(again), rank: 0 }]
      : partsOf(view, doing.mode, theme, now).filter((part) => part.text !== "");
  const join = (list: readonly Part[]) => list.map((part) => part.text).join(theme.muted(` ${theme.glyphs.note} `));
  while (parts.length > 1 && width(join(parts)) > columns - 2) {
    const worst = Math.max(...parts.map((part) => part.rank));
    const at = parts.findLastIndex((part) => part.rank === worst);
    parts = parts.filter((_, index) => index !== at);
  }
  return `  ${clip(join(parts), columns - 2)}`;
}

function partsOf(view: View, mode: Mode, theme: Theme, now: number): Part[] {
  const { status } = view;
  if (status === undefined) return [{ text: theme.muted("starting"), rank: 0 }];
  const busy = status.turn !== "idle";
  return [
    { text: mode.conversation === "restarting" ? theme.warn("the conversation is restarting") : "", rank: 0 },
    { text: busy ? turn(view, status, theme, now) : "", rank: 1 },
    { text: breaker(view, status, theme, now), rank: 1 },
    { text: serversDown(status, theme), rank: 2 },
    { text: degraded(status, theme), rank: 2 },
    { text: theme.muted(oneLine(status.model)), rank: 3 },
    { text: servers(status, theme), rank: 3 },
    context(status, theme),
    { text: unread(view, theme), rank: 4 },
    { text: tokens(status, view.shown, theme), rank: 5 },
    { text: status.queued.length === 0 ? "" : theme.accent(`${status.queued.length} queued`), rank: 4 },
    { text: busy ? theme.muted("Esc stops") : "", rank: 6 },
  ];
}

function turn(view: View, status: ChatStatus, theme: Theme, now: number): string {
  const { spinner, dot } = theme.glyphs;
  const spins = /^(?:thinking|running-tools|compacting)$/.test(status.turn);
  const mark = spins ? (spinner[Math.floor(now / 120) % spinner.length] ?? dot) : dot;
  const paint = status.turn === "waiting-for-you" ? theme.warn : theme.accent;
  const elapsed = now - (view.turnSince ?? now);
  const since = elapsed >= 2_000 ? ` ${duration(Math.floor(elapsed / 1_000) * 1_000)}` : "";
  return `${paint(`${mark} ${TURNS[status.turn]}`)}${theme.muted(since)}`;
}

function breaker(view: View, status: ChatStatus, theme: Theme, now: number): string {
  if (status.breaker === "closed") return "";
  if (status.breaker === "half-open") return theme.warn("trying the model again");
  const left = (status.breakerRetryInMs ?? 0) - (now - view.statusAt);
  const when = left > 0 ? `, next try in ${duration(Math.ceil(left / 1_000) * 1_000)}` : "";
  return theme.error(`model paused${when}`);
}

function degraded(status: ChatStatus, theme: Theme): string {
  if (status.degraded.length === 0) return "";
  return theme.warn(`degraded: ${listed(status.degraded.map(oneLine))}`);
}

/** A server that is tried again later, or not at all. */
const AWAY = /^(?:backoff|parked)$/;

/** Which they are; the counts beside say only how many. */
function serversDown(status: ChatStatus, theme: Theme): string {
  const away = status.servers.flatMap(({ name, state }) => (AWAY.test(state) ? [oneLine(name)] : []));
  if (away.length === 0) return "";
  return theme.warn(`${away.length} server${away.length > 1 ? "s" : ""} down: ${listed(away)}`);
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;
}

const UP = /^(?:ready|running|connected)$/;
const COMING = /^(?:starting|connecting|initializing|restarting|backoff|degraded|stopping)$/;
const IDLE = /^(?:idle|disabled|stopped|disconnected)$/;

/** A dot and a count for each kind of state: up, on the way, down, not wanted now; in words too where no colour tells them apart. */
function servers(status: ChatStatus, theme: Theme): string {
  const counts = { up: 0, coming: 0, down: 0, idle: 0 };
  for (const { state } of status.servers) {
    const kind = UP.test(state) ? "up" : COMING.test(state) ? "coming" : IDLE.test(state) ? "idle" : "down";
    counts[kind]++;
  }
  const { dot, ring, fail } = theme.glyphs;
  const word = (text: string): string => (theme.colour === 0 && counts.up > 0 && counts.coming > 0 ? ` ${text}` : "");
  return [
    counts.up > 0 ? `${theme.ok(dot)} ${counts.up}${word("up")}` : "",
    counts.coming > 0 ? `${theme.warn(dot)} ${counts.coming}${word("coming")}` : "",
    counts.down > 0 ? `${theme.error(fail)} ${counts.down}` : "",
    counts.idle > 0 ? theme.muted(`${ring} ${counts.idle}`) : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

/** Percent of the room from which on it is told with emphasis, as older messages are soon summed up. */
const ALMOST_FULL = 80;

/** How full the model's window is. */
function context({ context }: ChatStatus, theme: Theme): Part {
  if (context === undefined) return { text: "", rank: 4 };
  const percent = Math.round((context.tokens / context.limit) * 100);
  const text = `ctx ${context.guessed ? "~" : ""}${percent}%`;
  if (percent < ALMOST_FULL) return { text: theme.muted(text), rank: 4 };
  return { text: percent < 100 ? theme.warn(text) : theme.error(text), rank: 2 };
}

function unread({ unread: count = 0 }: View, theme: Theme): string {
  return count === 0 ? "" : theme.muted(`${quantity(count)} new, F5`);
}

function tokens(status: ChatStatus, shown: View["shown"], theme: Theme): string {
  const { input, output } = status.tokens;
  if (input + output === 0) return "";
  const { up, down } = theme.glyphs;
  const taken = shown.show_tokens ? `${up}${quantity(input)} ${down}${quantity(output)}` : "";
  const cost = shown.show_cost && status.cost !== undefined ? dollars(status.cost) : "";
  return theme.muted([taken, cost].filter((part) => part !== "").join(" "));
}
