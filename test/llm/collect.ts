// Reading a model's stream in tests: everything it yielded, and what it threw.
import type { ModelEvent, ModelMessage, ModelRequest, ToolDescription } from "../../src/llm/provider.js";

export interface Collected {
  readonly events: ModelEvent[];
  readonly text: string;
  readonly thrown: unknown;
}

export async function collect(
  stream: AsyncIterable<ModelEvent>,
  onEvent: (event: ModelEvent) => void = () => {},
): Promise<Collected> {
  const events: ModelEvent[] = [];
  let thrown: unknown;
  try {
    for await (const event of stream) {
      events.push(event);
      onEvent(event);
    }
  } catch (error) {
    thrown = error;
  }
  const text = events.map((event) => (event.type === "text" ? event.delta : "")).join("");
  return { events, text, thrown };
}

export function ask(text: string, tools: readonly ToolDescription[] = []): ModelRequest {
  const messages: ModelMessage[] = [{ role: "user", text }];
  return { messages, tools };
}

export const never = new AbortController().signal;

export const readFile: ToolDescription = {
  name: "files.read_file",
  description: "Reads a file.",
  inputSchema: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
};

export const sum: ToolDescription = {
  name: "everything.get-sum",
  description: "Returns the sum of two numbers.",
  inputSchema: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] },
};
