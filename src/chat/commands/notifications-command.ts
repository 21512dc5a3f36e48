// /notifications: what servers have told, which kinds of it the chat says as they come, and how to forget it.
import { again } from "../../actors/again.js";
import { toldKinds } from "../../actors/config/settings/chat.js";
import { BanyanError } from "../../supervision/index.js";
import type { MixedCommand, ServerCommandContext, Suggestions, Surroundings } from "../command.js";
import { notificationsTable } from "../notifications-table.js";
import { serverNames } from "../server-names.js";
import { startingWith } from "../suggestions.js";
import { changeSetting } from "./settings-change.js";

const SETTING = "chat.told";
const MOST = 1_000;

const WORDS: Readonly<Record<string, string>> = {
  status: "how many of each kind there are, and which the chat says as they come",
  enable: "say a kind as it comes",
  disable: "do not",
  history: "the last N",
  clear: "forget them",
};

export const notificationsCommand: MixedCommand = {
  name: "notifications",
  aliases: ["notification", "notify"],
  view: "notifications",
  group: "servers and tools",
  summary: "show what servers have told; choose which kinds the chat says as they come; forget it",
  usage: ["[SERVER] [KIND] [N]", "status", "enable KIND", "disable KIND", "history N", "clear"],
  examples: ["/notifications demo log", "/notifications enable progress"],
  complete,
  waits: (rest) => /^(status|enable|disable|clear)\b/.test(rest.trim()),
  run: async ({ notifications }, rest) => notificationsTable(notifications, rest.trim().replace(/^history\b/, "")),
  ask,
};

async function ask(context: ServerCommandContext, rest: string): Promise<string> {
  const { names, use } = context;
  const [word, kind] = rest.trim().split(/\s+/);
  const handler = use(names.notifications);
  if (word === "clear") return `${await again(() => handler.call.clear())} notifications are forgotten.`;
  const { told } = (await again(() => use(names.config).call.get())).chat;
  if (word === "status") {
    const found = await again(() => handler.call.query({ limit: MOST }));
    const rows = toldKinds.map((each) => {
      const count = found.filter(({ category }) => category === each).length;
      return `| ${each} | ${count} | ${told.includes(each) ? "yes" : "no"} |`;
    });
    return ["| kind | of the last 1000 | said as it comes |", "| --- | --- | --- |", ...rows].join("\n");
  }
  const known = toldKinds.find((each) => each === kind);
  if (known === undefined) throw new BanyanError("usage", `Name a kind: ${toldKinds.join(", ")}.`);
  const others = told.filter((each) => each !== known);
  const wanted = word === "enable" ? [...others, known] : others;
  await changeSetting(context, SETTING, JSON.stringify(wanted));
  return word === "enable"
    ? `The chat says \`${known}\` as it comes.`
    : `The chat does not say \`${known}\` as it comes.`;
}

async function complete(typed: string, surroundings: Surroundings): Promise<Suggestions> {
  const [, word] = /^(enable|disable)\s/.exec(typed) ?? [];
  if (word !== undefined) {
    return startingWith(
      typed,
      toldKinds.map((kind) => ({ name: `${word} ${kind}`, label: kind, summary: "" })),
    );
  }
  const words = Object.entries(WORDS).map(([name, summary]) => ({ name, summary }));
  return [...startingWith(typed, words), ...(await serverNames(typed, surroundings))];
}
