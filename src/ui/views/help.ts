// The view of the keys: what they do in a view, and every key of the chat, as the table of keys has them.
import { KEY_GROUPS, keyName } from "../key-table.js";
import type { ListKind } from "./list-view.js";
import { hangingFact } from "./servers.js";

interface Help {
  readonly keys: string;
  readonly group: string;
  readonly does: string;
}

const inView = (keys: string, does: string): Help => ({ keys, group: "In a view", does });
const inQuestion = (keys: string, does: string): Help => ({ keys, group: "In a question", does });

export const HELP: readonly Help[] = [
  inView("Esc, Q", "back to the conversation, which went on meanwhile"),
  inView("Tab, 1 to 7", "another view"),
  inView("↑ ↓ Page Up, Page Down, Home, End", "choose"),
  inView("Enter", "look into what is chosen"),
  inView("/", "search; Enter keeps what fits, Esc shows all"),
  inView("Ctrl-L", "paints the view anew"),
  inQuestion("Y, A, N", "once, always here, no"),
  inQuestion("Tab", "writes in the line instead"),
  inQuestion("Esc", "dismisses it"),
  ...KEY_GROUPS.toReversed().flatMap(({ title: group, keys: rows }) =>
    rows.map(({ keys, does }) => ({ keys: keys.map(keyName).join(", "), group, does: does.replaceAll("`", "") })),
  ),
];

export const helpKind: ListKind<readonly Help[], Help> = {
  empty: "",
  subject: { title: "WHAT IT DOES", of: ({ does }) => does },
  columns: [
    { title: "KEYS", width: 22, rank: 0, cell: ({ keys }) => keys },
    { title: "WHERE", width: 20, rank: 1, cell: ({ group }) => group },
  ],
  narrowings: [],
  actions: [],
  rows: (look) => look,
  keyOf: ({ group, keys, does }) => `${group} ${keys} ${does}`,
  textOf: ({ keys, group, does }) => `${keys} ${group} ${does}`,
  summary: () => "the keys; /help lists the commands",
  detail: ({ keys, group, does }, columns, theme) => [
    ...hangingFact("keys", keys, columns, theme),
    ...hangingFact("where", group, columns, theme),
    ...hangingFact("does", does, columns, theme),
  ],
};
