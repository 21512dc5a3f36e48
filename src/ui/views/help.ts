// The view of the keys: which of them open what, and what they do there.
import { prose } from "../text.js";
import type { ListKind } from "./list-view.js";

interface Help {
  readonly keys: string;
  readonly where: string;
  readonly what: string;
}

const anywhere = (keys: string, what: string): Help => ({ keys, where: "anywhere", what });
const view = (keys: string, what: string): Help => ({ keys, where: "a view", what });
const chat = (keys: string, what: string): Help => ({ keys, where: "the chat", what });
const question = (keys: string, what: string): Help => ({ keys, where: "a question", what });

export const HELP: readonly Help[] = [
  anywhere("F1", "this list"),
  anywhere("F2", "the supervision tree, live"),
  anywhere("F3", "the servers: state, tools, latency, restarts"),
  anywhere("F4", "the log, as it grows"),
  anywhere("F5", "what servers have told"),
  anywhere("F6", "the resources that are kept"),
  anywhere("F7", "the tool calls that run"),
  anywhere("Ctrl+O", "the view that was open last, and back"),
  view("Esc, q", "back to the conversation, which went on meanwhile"),
  view("Tab, 1 to 7", "another view"),
  view("↑ ↓ PgUp PgDn Home End", "choose"),
  view("Enter", "look into what is chosen"),
  view("/", "search; Enter keeps what fits, Esc shows all"),
  view("Ctrl+L", "draw anew"),
  chat("Esc", "stop the answer"),
  chat("Ctrl+C", "clear the line, stop the answer; twice: leave"),
  chat("Ctrl+D", "leave, from an empty line"),
  chat("Ctrl+J, \\ and Enter", "a new line"),
  chat("↑ ↓, Ctrl+R", "earlier input; search it"),
  chat("Tab", "complete a command; to the question that is open"),
  question("y a n", "once, always here, no"),
  question("Tab", "write in the line instead"),
  question("Esc", "dismiss it"),
];

export const helpKind: ListKind<readonly Help[], Help> = {
  empty: "",
  subject: { title: "KEYS", of: ({ keys }) => keys },
  columns: [
    { title: "WHERE", width: 10, rank: 1, cell: ({ where }) => where },
    { title: "WHAT IT DOES", width: 52, rank: 0, cell: ({ what }) => what },
  ],
  narrowings: [],
  actions: [],
  rows: (look) => look,
  keyOf: ({ where, keys }) => `${where} ${keys}`,
  textOf: ({ keys, where, what }) => `${keys} ${where} ${what}`,
  summary: () => "the keys; /help lists the commands",
  detail: ({ keys, where, what }, columns) => prose(`${keys}, ${where}: ${what}`, columns),
};
