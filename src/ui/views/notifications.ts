// The view of what servers have told, in this run and in earlier ones, narrowed by kind and by server, searched.
import { toldText } from "../../chat/notifications-table.js";
import { notificationCategories, type RecordedNotification } from "../../mcp/client/notification-handler.js";
import { oneLine, wrapExact } from "../text.js";
import type { Theme } from "../theme.js";
import type { ListKind } from "./list-view.js";
import { hangingFact } from "./servers.js";

interface Row extends RecordedNotification {
  readonly key: string;
}

export const notificationsKind: ListKind<readonly RecordedNotification[], Row> = {
  empty: "No server has told anything yet.",
  follows: true,
  subject: { title: "WHAT", of: ({ notification, category }) => toldText(notification) || category },
  columns: [
    { title: "KIND", width: 18, rank: 1, cell: ({ category }) => category, paint: (row, theme) => paintOf(row, theme) },
    { title: "SERVER", width: 14, rank: 0, cell: ({ server }) => oneLine(server) },
    { title: "AT", width: 8, rank: 2, cell: ({ at }) => new Date(at).toTimeString().slice(0, 8) },
  ],
  narrowings: [
    {
      key: "k",
      label: "kind",
      options: (rows) => [
        "all",
        ...notificationCategories.filter((kind) => rows.some(({ category }) => category === kind)),
      ],
      keeps: ({ category }, option) => option === "" || category === option,
    },
    {
      key: "s",
      label: "server",
      options: (rows) => ["all", ...new Set(rows.map(({ server }) => server))],
      keeps: ({ server }, option) => option === "" || server === option,
    },
  ],
  actions: [],
  rows: numbered,
  keyOf: ({ key }) => key,
  textOf: ({ server, category, notification }) => `${server} ${category} ${toldText(notification)}`,
  summary: (look) => `${look.length} notifications`,
  detail: ({ at, server, category, notification }, columns, theme) => [
    ...hangingFact("at", new Date(at).toLocaleString("sv"), columns, theme),
    ...hangingFact("server", oneLine(server), columns, theme),
    ...hangingFact("kind", category, columns, theme),
    "",
    ...(JSON.stringify(notification, undefined, 2) ?? "")
      .split("\n")
      .flatMap((line) => wrapExact(line.replaceAll("\\n", " "), columns)),
  ],
};

/** What came from one server within one millisecond is told apart by its number. */
function numbered(look: readonly RecordedNotification[]): Row[] {
  const counts = new Map<string, number>();
  return look.map((recorded) => {
    const place = `${recorded.at} ${recorded.server} ${recorded.category}`;
    const count = (counts.get(place) ?? 0) + 1;
    counts.set(place, count);
    return { ...recorded, key: `${place} ${count}` };
  });
}

function paintOf({ category, notification }: Row, theme: Theme): (text: string) => string {
  if (category === "fault") return theme.error;
  if (notification.type !== "log") return theme.muted;
  return /^(?:error|critical|alert|emergency)$/.test(notification.level)
    ? theme.error
    : notification.level === "warning"
      ? theme.warn
      : theme.muted;
}
