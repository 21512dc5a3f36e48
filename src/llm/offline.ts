// The model for when there is none. It is no language model and says so: it ranks the connected tools for the words of the
// message, reads their arguments by their schemas, and asks for a tool call or for what is missing. So a new user sees
// tools, approvals, progress and recovery before any key. It knows no tool by name and yields no usage, for it has no tokens.
import type { ModelEvent, ModelRequest, Provider } from "./provider.js";

/** The offline stand-in. It needs nothing and never fails, except by its signal. */
export function createOffline(): Provider {
  return { id: "offline", stream };
}

async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
  signal.throwIfAborted();
  // Loaded with the first message, so that the chat is on screen before.
  const { answer } = await import("./offline/answer.js");
  for (const event of answer(request)) {
    signal.throwIfAborted();
    yield event;
    // A turn of the event loop between two deltas: long results must not hold up the screen or a cancel.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
