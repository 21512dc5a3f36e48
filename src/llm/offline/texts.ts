// What the offline model says in words: what it is, what it could do with the tools at hand, and what a tool has answered.
import type { ModelMessage, ToolDescription } from "../provider.js";
import type { Candidate } from "./ranking.js";
import { profileOf } from "./tool-profile.js";

const WHAT_I_AM =
  "I am Banyan's offline stand-in, not a language model: I match your words to a connected tool, run it, and show what it answers.";
const REAL_MODEL =
  "For a real model set `ANTHROPIC_API_KEY` or `OPENAI_API_KEY`, start Ollama on this machine, or name one with `--model provider:model`.";
const MOST_EXAMPLES = 6;
const LONGEST_RESULT = 20_000;

/** Who speaks, and a few things the connected tools can do. */
export function introduction(tools: readonly ToolDescription[]): string {
  if (tools.length === 0)
    return `${WHAT_I_AM} No tool is connected right now, so there is nothing I can do.\n\n${REAL_MODEL}`;
  return `${WHAT_I_AM} With the tools connected now you can, for example, say:\n\n${lines(examples(tools))}\n\n${REAL_MODEL}`;
}

/** When no tool is plainly meant: the nearest ones, if any is near, with the exact words that call them. */
export function suggestions(candidates: readonly Candidate[], tools: readonly ToolDescription[]): string {
  const near = candidates.filter((candidate) => candidate.near).slice(0, 3);
  if (near.length === 0) return introduction(tools);
  return `${WHAT_I_AM} I am not sure which tool you mean; the nearest are:\n\n${lines(near.map(({ tool }) => tool))}\n\n${REAL_MODEL}`;
}

/** The tool is plain, but it wants arguments no form can ask for. */
export function tooDeep(tool: ToolDescription): string {
  return `${tool.name} needs arguments that only fit in JSON. Say, with your own values:\n\n\`${exactCall(tool)}\``;
}

/** What tools have answered, errors as errors. */
export function resultsText(results: readonly Extract<ModelMessage, { role: "tool" }>[]): string {
  return results.map(resultText).join("\n\n");
}

function resultText(result: Extract<ModelMessage, { role: "tool" }>): string {
  const text = result.text.trim();
  const verb = result.isError ? "failed" : "answered";
  if (text === "") return `**${result.tool}** ${verb} without a word.`;
  const shown = text.slice(0, LONGEST_RESULT);
  const rest = text.length > shown.length ? `\n\n… and ${text.length - shown.length} more characters.` : "";
  if (!shown.includes("\n") && shown.length <= 200) return `**${result.tool}** ${verb}: ${shown}${rest}`;
  const fence = "`".repeat(Math.max(3, ...(shown.match(/`+/g) ?? []).map((run) => run.length + 1)));
  return `**${result.tool}** ${verb}:\n\n${fence}${isJson(text) ? "json" : ""}\n${shown}\n${fence}${rest}`;
}

function isJson(text: string): boolean {
  if (!/^[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function lines(tools: readonly ToolDescription[]): string {
  return tools.map((tool) => `- \`${exactCall(tool)}\` ${firstSentence(tool.description)}`.trimEnd()).join("\n");
}

/** Tools that need least, a few from every server in turn. */
function examples(tools: readonly ToolDescription[]): ToolDescription[] {
  const byServer = new Map<string, ToolDescription[]>();
  for (const tool of tools) {
    const server = tool.name.split(".", 1)[0] ?? "";
    byServer.set(server, [...(byServer.get(server) ?? []), tool]);
  }
  const queues = [...byServer.values()].map((list) => list.toSorted((a, b) => effort(a) - effort(b)));
  const chosen: ToolDescription[] = [];
  for (let round = 0; chosen.length < Math.min(MOST_EXAMPLES, tools.length); round++) {
    for (const queue of queues) {
      const tool = queue[round];
      if (tool !== undefined && chosen.length < MOST_EXAMPLES) chosen.push(tool);
    }
  }
  return chosen;
}

function effort(tool: ToolDescription): number {
  const { arguments: all, deprecated } = profileOf(tool);
  const required = all.filter((argument) => argument.required);
  const deep = required.some(({ kind }) => kind === "structure" || kind === "list") ? 10 : 0;
  // One argument shows best what can be said; none comes next.
  return Math.abs(required.length - 1) + deep + (deprecated ? 5 : 0);
}

/** What to say so that this tool, and no other, is called. */
function exactCall(tool: ToolDescription): string {
  const required = profileOf(tool).arguments.filter((argument) => argument.required);
  if (required.some(({ kind }) => kind === "structure" || kind === "list")) {
    const json = Object.fromEntries(
      required.map(({ name, kind }) => [name, kind === "structure" || kind === "list" ? [] : "…"]),
    );
    return `${tool.name} ${JSON.stringify(json)}`;
  }
  return [tool.name, ...required.map(({ name }) => `${name}=…`)].join(" ");
}

function firstSentence(description: string): string {
  const sentence = /^[\s\S]*?[.!?](?=\s|$)/.exec(description.trim())?.[0] ?? description.trim();
  const line = sentence.replaceAll(/\s+/g, " ");
  return line === "" ? "" : `— ${line.length > 100 ? `${line.slice(0, 99)}…` : line}`;
}
