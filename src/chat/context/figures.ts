// What fills the model's window, part by part, about: for the meter and for /context.
import type { StoredMessage } from "../../actors/session/message.js";
import type { SessionView } from "../../actors/session/session.js";
import { estimateTokens } from "../../llm/tokens.js";
import type { NamespacedTool } from "../../mcp/client/mcp-types.js";
import { storedTokens, sum, toolTokens } from "./estimate.js";
import type { Room } from "./room.js";
import { pinnedText, sentAsItIs, summaryText } from "./sent.js";

export interface ContextPart {
  readonly name: string;
  /** How many of them there are, where they are counted. */
  readonly count?: number;
  readonly tokens: number;
}

export interface ContextFigures {
  /** Those that take nothing left out. */
  readonly parts: readonly ContextPart[];
  /** All of them together. */
  readonly tokens: number;
  /** Undefined for a model without measure. */
  readonly room: Room | undefined;
}

export function contextFigures(
  view: SessionView,
  tools: readonly NamespacedTool[],
  system: string,
  room: Room | undefined,
): ContextFigures {
  const { factor, pinned } = view.context;
  const messages = sentAsItIs(view).map(({ message }) => message);
  const of = (role: StoredMessage["role"]) =>
    messages.filter((message) => message.role === role && message.text !== "");
  const said = (name: string, list: readonly StoredMessage[]): ContextPart => ({
    name,
    count: list.length,
    tokens: sum(list.map(storedTokens)),
  });
  const servers = [...new Set(tools.map(({ server }) => server))];
  const parts: ContextPart[] = [
    { name: "system", tokens: estimateTokens(view.context.system ?? system) },
    ...servers.map((server) => {
      const own = tools.filter((tool) => tool.server === server);
      return { name: `tools of ${server}`, count: own.length, tokens: sum(own.map(toolTokens)) };
    }),
    { name: "pinned", count: pinned.length, tokens: estimateTokens(pinnedText(pinned)) },
    { name: "summary", count: view.summary?.messages ?? 0, tokens: estimateTokens(summaryText(view.summary)) },
    said("you", of("user")),
    said(
      "answers",
      messages.filter(({ role }) => role === "assistant"),
    ),
    said("tool results", of("tool")),
  ];
  const corrected = parts
    .filter(({ tokens }) => tokens > 0)
    .map((part) => ({ ...part, tokens: Math.round(part.tokens * factor) }));
  return { parts: corrected, tokens: sum(corrected.map(({ tokens }) => tokens)), room };
}
