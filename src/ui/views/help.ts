// The view of the keys: which of them open what, and what they do there.
import { KEY_GROUPS, keyName } from "../key-table.js";
import { prose } from "../text.js";
import type { ListKind } from "./list-view.js";

interface Help {
  readonly keys: string;
  readonly where: string;
  readonly what: string;
}

const view = (keys: string, what: string): Help => ({ keys, where: "a view", what });
const question = (keys: string, what: string): Help => ({ keys, where: "a question", what });
const told = KEY_GROUPS.map(({ title, keys }) =>
  keys.map(
    (one): Help => ({
      keys: one.keys.map(keyName).join(", "),
      where: title === "Views" ? "anywhere" : "the chat",
      what: one.does,
    }),
  ),
);

export const HELP: readonly Help[] = [
  ...(told.at(-1) ?? []),
  view("Esc, q", "back to the conversation, which went on meanwhile"),
  view("Tab, 1 to 7", "another view"),
  view("↑ ↓ PgUp PgDn Home End", "choose"),
  view("Enter", "look into what is chosen"),
  view("/", "search; Enter keeps what fits, Esc shows all"),
  view("Ctrl+L", "draw anew"),
  question("y a n", "once, always here, no"),
  question("Tab", "write in the line instead"),
  question("Esc", "dismiss it"),
  ...told.slice(0, -1).flat(),
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
  keyOf: ({ where, keys, what }) => `${where} ${keys} ${what}`,
  textOf: ({ keys, where, what }) => `${keys} ${where} ${what}`,
  summary: () => "the keys; /help lists the commands",
  detail: ({ keys, where, what }, columns) => prose(`${keys}, ${where}: ${what}`, columns),
};
