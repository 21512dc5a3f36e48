// What the chat says of its own accord: trouble and its end, in one line each.
import type { StoredMessage } from "../actors/session/message.js";
import { mendOf } from "../mcp/client/errors.js";
import type { LogLevel } from "../mcp/client/mcp-types.js";
import type { RecordedNotification } from "../mcp/client/notification-handler.js";
import type { ServerEvent } from "../mcp/client/server-events.js";
import { plainText } from "../supervision/index.js";
import type { NoticeLevel } from "./events.js";
import { toldText } from "./notifications-table.js";
import type { Standing } from "./standing.js";

/** What a turn that was broken off goes on with; `why` says what had happened. */
export function resumedNotice(why: string, { cutOff, calls, over }: Standing, queued: number): string {
  const underWay = calls.filter(({ message }) => message?.status === "running").length;
  const waiting = calls.filter(({ message }) => message?.status === "waiting").length;
  const begun = underWay > 0 || waiting > 0;
  const parts = [
    cutOff === undefined ? undefined : "the answer that was cut off is asked for again",
    underWay > 0 ? `${underWay} tool ${underWay === 1 ? "call was" : "calls were"} under way` : undefined,
    waiting > 0 ? `${waiting} tool ${waiting === 1 ? "call waits" : "calls wait"} for approval again` : undefined,
    cutOff === undefined && !begun && !over ? "the turn goes on where it was" : undefined,
    queued > 0 ? `${queued} queued ${queued === 1 ? "message follows" : "messages follow"}` : undefined,
  ].filter((part) => part !== undefined);
  return `${[why, parts.join(", ")].filter((part) => part !== "").join(": ")}; everything said is here.`;
}

/** What was found under way when the chat started, and marked. */
export function recoveryNotice(marked: readonly StoredMessage[]): string {
  const answers = marked.filter(({ role }) => role === "assistant").length;
  const tools = marked.filter((message) => message.role === "tool");
  const waiting = tools.filter(({ status }) => status === "cancelled").length;
  const calls = tools.length - waiting;
  const unsent = marked.filter(({ role, status }) => role === "user" && status === "unsent").length;
  const parts = [
    answers > 0 ? "an answer was cut off" : undefined,
    calls > 0 ? `${calls} tool ${calls === 1 ? "call was" : "calls were"} under way` : undefined,
    waiting > 0 ? `${waiting} tool ${waiting === 1 ? "call" : "calls"} not approved yet did not run` : undefined,
    unsent > 0 ? `${unsent} queued ${unsent === 1 ? "message was" : "messages were"} not sent` : undefined,
  ].filter((part) => part !== undefined);
  if (parts.length === 0) parts.push("a message had no answer yet");
  return `Recovered after an interruption: ${parts.join(", ")}, and marked so; everything else is here.`;
}

/** What is worth a line: trouble and its end. That a server came up as it should is seen in the status line. */
export function describeServerEvent(event: ServerEvent): { level: NoticeLevel; text: string } | undefined {
  const { server } = event;
  // A reason often ends with a server's last words, and these with a full stop of their own.
  const reason = "reason" in event ? event.reason?.replace(/\.$/, "") : undefined;
  if (event.type === "down") {
    const seconds = Math.max(0.1, event.retryInMs / 1000).toFixed(1);
    return { level: "warn", text: `The server ${server} was lost: ${reason}. Trying again in ${seconds} s.` };
  }
  if (event.type === "back") return { level: "info", text: `The server ${server} is back with ${event.tools} tools.` };
  if (event.type === "parked") {
    const mend = mendOf(server, reason);
    return {
      level: "warn",
      text: `The server ${server} is given up: ${reason}${mend === undefined ? "" : `; ${mend}`}.`,
    };
  }
  if (event.type === "stopped" && reason !== undefined) {
    return { level: "warn", text: `The server ${server} has stopped: ${reason}.` };
  }
  return undefined;
}

/** Of one text of a server, in characters. */
const LONGEST = 300;
/** Log messages told of one window; all are in /notifications. */
const MOST_LOGS = 3;
/** And of what the user has asked to hear of besides. */
const MOST_OTHERS = 3;
/** Some of which are not worth a line. */
const TOLD_ABOVE: readonly string[] = ["resource-updated", "elicitation-complete", "log"];
const SERIOUS: readonly LogLevel[] = ["warning", "error", "critical", "alert", "emergency"];

/** What servers told within a window and is worth a line: a resource the user subscribed to, once however often it changed; what was
 * begun in the browser and is done; and the serious ones of their log. */
export function describeNotifications(
  recorded: readonly RecordedNotification[],
  subscribed: ReadonlySet<string>,
): { level: NoticeLevel; text: string }[] {
  const notices = new Map<string, NoticeLevel>();
  let logs = 0;
  let others = 0;
  for (const { server, notification } of recorded) {
    if (notification.type === "resource-updated" && subscribed.has(`${server} ${notification.uri}`)) {
      const { uri } = notification;
      notices.set(`The resource ${uri} of ${server} has changed; /resource ${server}.${uri} shows it.`, "info");
    } else if (notification.type === "elicitation-complete") {
      notices.set(`The server ${server} says that what you did in the browser is complete.`, "info");
    } else if (notification.type === "log" && SERIOUS.includes(notification.level) && logs++ < MOST_LOGS) {
      const { level, data } = notification;
      const text = plainText(typeof data === "string" ? data : JSON.stringify(data)).replace(/\s+/g, " ");
      notices.set(`The server ${server} logs (${level}): ${text.slice(0, LONGEST)}`, "warn");
    } else if (!TOLD_ABOVE.includes(notification.type) && others++ < MOST_OTHERS) {
      const text = plainText(toldText(notification)).replace(/\s+/g, " ").slice(0, LONGEST);
      notices.set(`The server ${server} tells: ${notification.type}${text === "" ? "" : `: ${text}`}`, "info");
    }
  }
  return Array.from(notices, ([text, level]) => ({ level, text }));
}
