// One answer of the offline model: to results it shows them, to a message it finds the tool that is meant, and else it says what
// it can do.
import type { ModelEvent, ModelMessage, ModelRequest } from "../provider.js";
import { rankTools } from "./ranking.js";
import { introduction, resultsText, suggestions, tooDeep } from "./texts.js";
import { profileOf } from "./tool-profile.js";

/** The events of the answer, ending with `done`. */
export function* answer(request: ModelRequest): Generator<ModelEvent> {
  const results = resultsAtEnd(request.messages);
  if (results.length > 0) return yield* say(resultsText(results));

  const last = request.messages.at(-1);
  if (last?.role !== "user") return yield* say(introduction(request.tools));
  const candidates = rankTools(withoutMarks(last), request.tools);
  const best = candidates[0];
  if (best === undefined || !best.accepted) return yield* say(suggestions(candidates, request.tools));

  const { tool, arguments: read } = best;
  if (read.missing.length === 0) {
    yield {
      type: "tool-call",
      call: { id: `offline_${crypto.randomUUID()}`, name: tool.name, arguments: read.values },
    };
    return yield { type: "done", reason: "tool-calls" };
  }
  const structures = profileOf(tool).arguments.filter(({ kind }) => kind === "structure" || kind === "list");
  if (structures.some(({ name }) => read.missing.includes(name))) return yield* say(tooDeep(tool));
  yield { type: "form", tool: tool.name, known: read.values, missing: read.missing };
  yield { type: "done", reason: "stop" };
}

function* say(text: string): Generator<ModelEvent> {
  for (const delta of text.match(/[\s\S]{1,80}(?:\s+|$)|[\s\S]{1,80}/g) ?? []) yield { type: "text", delta };
  yield { type: "done", reason: "stop" };
}

/** What is mentioned is a path or a name like any other. */
function withoutMarks({ text, attached = [] }: Extract<ModelMessage, { role: "user" }>): string {
  let plain = text;
  for (const { name } of attached) {
    const [, kind = "", target = ""] = /^((?:file|url|resource|prompt|tool):)?(.*)$/s.exec(name) ?? [];
    for (const quote of ["", '"']) {
      plain = plain.replaceAll(`@${kind}${quote}${target}${quote}`, `${quote}${target}${quote}`);
    }
  }
  return plain;
}

type ToolResult = Extract<ModelMessage, { role: "tool" }>;

/** The results the conversation ends with, in order. */
function resultsAtEnd(messages: readonly ModelMessage[]): ToolResult[] {
  const results: ToolResult[] = [];
  for (const message of messages.toReversed()) {
    if (message.role !== "tool") break;
    results.unshift(message);
  }
  return results;
}
