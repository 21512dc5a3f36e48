// What stays of a tool call that is compacted: what was called with which arguments, how it went, how its result began, and where
// all of it is found: under the number of its message, and in the files that the result names.
import type { SummaryMessage } from "../../actors/session/message.js";
import { cell } from "../cell.js";
import type { Placed } from "./sent.js";

export type CallReference = SummaryMessage["calls"][number];

/** The newest are kept. */
const MOST = 100;
const LONGEST_ARGUMENTS = 160;
const LONGEST_RESULT = 120;
const MOST_FILES = 5;

/** Those of an earlier summary and those of the messages, the newest last. */
export function references(earlier: readonly CallReference[], messages: readonly Placed[]): CallReference[] {
  const made = messages.flatMap(({ position, message }): CallReference[] => {
    if (message.role !== "tool") return [];
    const { tool, arguments: args, status, text, whole } = message;
    return [
      {
        number: position + 1,
        tool,
        arguments: shortened(JSON.stringify(args), LONGEST_ARGUMENTS),
        status,
        result: shortened(text, LONGEST_RESULT),
        files: whole === undefined ? filesIn(text) : [whole],
      },
    ];
  });
  return [...earlier, ...made].slice(-MOST);
}

/** For the model; empty where nothing was called. */
export function referenceLines(calls: readonly CallReference[]): string {
  if (calls.length === 0) return "";
  const lines = calls.map(({ number, tool, arguments: args, status, result, files }) => {
    const kept = files.length === 0 ? "" : `; kept in ${files.join(", ")}`;
    return `- #${number} ${tool} ${args} → ${status}: ${result}${kept}`;
  });
  return [
    "Tools called in it. Their whole results are not repeated here: call a tool again, or read the file named, where one is needed.",
    ...lines,
  ].join("\n");
}

function filesIn(text: string): string[] {
  const found = Array.from(text.matchAll(/saved as (\/[^\s\],;]+)/g), ([, file = ""]) => file);
  return [...new Set(found)].slice(0, MOST_FILES);
}

function shortened(text: string, most: number): string {
  const line = cell(text.slice(0, most * 4))
    .replaceAll("\\|", "|")
    .trim();
  return line.length > most || text.length > most * 4 ? `${line.slice(0, most)}…` : line;
}
