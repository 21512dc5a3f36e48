// The model for when there is none. It is no language model and says so: it ranks the connected tools for the words of the
// message, reads their arguments by their schemas, and asks for a tool call or for what is missing. So a new user sees
// tools, approvals, progress and recovery before any key. It knows no tool by name and yields no usage, for it has no tokens.

import { introduction, resultsText, suggestions, tooDeep } from "./offline/answers.js";
import { rankTools } from "./offline/ranking.js";
import { profileOf } from "./offline/tool-profile.js";
import type { ModelEvent, ModelMessage, ModelRequest, Provider } from "./provider.js";

/** The offline stand-in. It needs nothing and never fails, except by its signal. */
export function createOffline(): Provider {
  return { id: "offline", stream };
}

async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
  for (const event of answer(request)) {
    signal.throwIfAborted();
    yield event;
    // A turn of the event loop between two deltas: long results must not hold up the screen or a cancel.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function* answer(request: ModelRequest): Generator<ModelEvent> {
  const results = resultsAtEnd(request.messages);
  if (results.length > 0) return yield* say(resultsText(results));

  const last = request.messages.at(-1);
  if (last?.role !== "user") return yield* say(introduction(request.tools));
  const candidates = rankTools(last.text, request.tools);
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
