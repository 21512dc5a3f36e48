// /notifications: the newest of what servers have told, as a table.

import type { ServerNotification } from "../mcp/client/mcp-types.js";
import type { NotificationCategory, NotificationHandler } from "../mcp/client/notification-handler.js";
import { notificationCategories } from "../mcp/client/notification-handler.js";
import { plainText, type Ref } from "../supervision/index.js";
import { cell } from "./cell.js";

const SHOWN = 30;
const MOST = 500;
const LONGEST = 200;

export async function notificationsTable(
  notifications: Ref<Pick<NotificationHandler, "query">>,
  rest: string,
): Promise<string> {
  const words = rest.split(/\s+/).filter((word) => word !== "");
  const categories = words.filter(isCategory);
  const [count] = words.filter(isCount).map(Number);
  const [server] = words.filter((word) => !isCategory(word) && !isCount(word));
  const found = await notifications.call.query({
    limit: Math.min(count ?? SHOWN, MOST),
    ...(server === undefined ? {} : { server }),
    ...(categories.length === 0 ? {} : { categories }),
  });
  if (found.length === 0) return `Nothing was told yet. Kinds are: ${notificationCategories.join(", ")}.`;
  const rows = found.map(
    ({ at, server: from, category, notification }) =>
      `| ${new Date(at).toLocaleTimeString()} | ${from} | ${category} | ${cell(plainText(toldText(notification))).slice(0, LONGEST)} |`,
  );
  return ["| at | server | kind | what |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function isCount(word: string): boolean {
  return /^[1-9]\d{0,5}$/.test(word);
}

function isCategory(word: string): word is NotificationCategory {
  return notificationCategories.some((category) => category === word);
}

/** What it says, in one line or several. */
export function toldText(notification: ServerNotification): string {
  switch (notification.type) {
    case "log": {
      const { level, logger, data } = notification;
      const text = typeof data === "string" ? data : JSON.stringify(data);
      return `${level}${logger === undefined ? "" : ` ${logger}`}: ${text}`;
    }
    case "resource-updated":
      return notification.uri;
    case "progress": {
      const { progress, total, message } = notification;
      return `${progress}${total === undefined ? "" : `/${total}`}${message === undefined ? "" : ` ${message}`}`;
    }
    case "elicitation-complete":
      return notification.elicitationId;
    case "task-status":
      return `${notification.status}${notification.message === undefined ? "" : `: ${notification.message}`}`;
    case "stderr":
      return notification.lines.join(" ");
    case "other":
      return notification.method;
    case "fault":
      return notification.text;
    default:
      return "";
  }
}
