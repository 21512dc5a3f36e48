// /logs, /profile, /cache, /progress: how the app does, for the user's own eyes.
import { again } from "../../actors/again.js";
import { fieldsText, LogTail } from "../../actors/telemetry/log-tail.js";
import { LOG_LEVELS, type LogLevel } from "../../actors/telemetry/log-writer.js";
import { BanyanError } from "../../supervision/index.js";
import { cell } from "../cell.js";
import type { QuickCommand } from "../command.js";
import { oneOf } from "../suggestions.js";

/** Lines of the log that are shown when nobody says how many, and most. */
const LINES = 20;
const MOST_LINES = 500;
const LONGEST_LINE = 300;
const KILOBYTE = 1024;

export const appCommands: readonly QuickCommand[] = [
  {
    name: "logs",
    view: "logs",
    group: "app",
    summary: "show the end of the log: the last N lines that are at least so serious",
    usage: ["[LEVEL] [N]"],
    examples: ["/logs", "/logs warn 50"],
    complete: oneOf({ debug: "everything", info: "", warn: "trouble", error: "what failed" }),
    run: async ({ names }, rest) => {
      const { least, count } = levelAndCount(rest);
      const serious = LOG_LEVELS.slice(LOG_LEVELS.indexOf(least));
      const lines = (await new LogTail(names.logs).read()).filter(({ level }) => serious.includes(level)).slice(-count);
      if (lines.length === 0) return `The log of today has no such line; it is in \`${names.logs}\`.`;
      const rows = lines.map(({ time, level, event, fields }) => {
        const text = `${time.slice(11, 19)} ${level.padEnd(5)} ${event} ${fieldsText(fields)}`.trimEnd();
        return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;
      });
      return fenced(rows.join("\n"));
    },
  },
  {
    name: "profile",
    group: "app",
    summary: "show what the start took, phase by phase",
    run: async ({ names: { startup } }) => {
      if (startup === undefined) return "This start was not measured.";
      const { profileTable } = await import("../../actors/startup/profile-table.js");
      const profile = startup.profile ?? { phases: startup.marks, boxes: [], servers: [] };
      const more = startup.profile === undefined ? "\nEach part and each server: start with `--profile-startup`." : "";
      return `${fenced(profileTable(profile).trimEnd())}${more}`;
    },
  },
  {
    name: "cache",
    view: "cache",
    group: "app",
    summary: "show how the cache of resources does, empty it, or switch it off and on for this run",
    usage: ["", "clear", "disable", "enable"],
    complete: oneOf({ clear: "forget all", disable: "keep nothing from now on", enable: "keep again what is read" }),
    run: async ({ names, use }, rest) => {
      const cache = use(names.resources);
      const word = rest.trim() || "stats";
      if (word === "clear") return `${await again(() => cache.call.clear())} resources are forgotten.`;
      if (word === "enable" || word === "disable") {
        await again(() => cache.call.setEnabled(word === "enable"));
        return word === "enable" ? "Resources are kept again once they are read." : "No resource is kept from now on.";
      }
      if (word !== "stats") throw new BanyanError("usage", "/cache takes clear, disable or enable.");
      const { entries, bytes, hits, misses, evicted, invalidated, enabled } = await again(() => cache.call.stats());
      const asked = hits + misses;
      const share = asked === 0 ? "" : ` (${Math.round((hits / asked) * 100)} %)`;
      return [
        `- ${entries} resources kept, ${Math.round(bytes / KILOBYTE)} KB${enabled ? "" : "; switched off"}`,
        `- asked for ${asked} times, ${hits} of them answered from here${share}`,
        `- ${evicted} pushed out or too old, ${invalidated} forgotten because they changed`,
      ].join("\n");
    },
  },
  {
    name: "progress",
    group: "servers and tools",
    summary: "show the tool calls that are under way, and how far each is",
    run: async ({ running }) => {
      const calls = running();
      if (calls.length === 0) return "No tool call is under way.";
      const rows = calls.map(({ name, status, progress }) => {
        const { value, total, message = "" } = progress ?? {};
        const far =
          value === undefined ? "" : total === undefined ? `${value}` : `${Math.round((value / total) * 100)} %`;
        return `| \`${cell(name)}\` | ${status} | ${far} | ${cell(message)} |`;
      });
      return ["| tool | | how far | |", "| --- | --- | --- | --- |", ...rows].join("\n");
    },
  },
];

function levelAndCount(rest: string): { readonly least: LogLevel; readonly count: number } {
  let least: LogLevel = "info";
  let count = LINES;
  for (const word of rest.split(/\s+/).filter((each) => each !== "")) {
    const level = LOG_LEVELS.find((each) => each === word.toLowerCase());
    if (level !== undefined) least = level;
    else if (/^[1-9]\d{0,5}$/.test(word)) count = Math.min(Number(word), MOST_LINES);
    else throw new BanyanError("usage", `/logs takes a level (${LOG_LEVELS.join(", ")}) and how many lines.`);
  }
  return { least, count };
}

function fenced(text: string): string {
  return `\`\`\`\n${text}\n\`\`\``;
}
