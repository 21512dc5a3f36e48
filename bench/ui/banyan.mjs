// Banyan's own screen, whole: the TUI process under a supervisor, told by a process that speaks as the chat does.
import { EventEmitter } from "node:events";
import { Application, child, GenServer, named, noReply } from "../../dist/supervision/index.js";
import { Draft } from "../../dist/ui/draft.js";
import { TUI } from "../../dist/ui/tui.js";

const status = (turn) => ({
  model: "anthropic:some-model",
  turn,
  breaker: "closed",
  servers: [{ name: "files", state: "ready", tools: 3 }],
  tokens: { input: 1_234, output: 56 },
  degraded: [],
  queued: [],
});

class Teller extends GenServer {
  #watcher;

  subscribe(watcher) {
    this.#watcher = watcher;
    return { sessionId: "s", items: [], question: undefined, status: status("idle"), commands: [] };
  }

  complete() {
    return [];
  }

  tell(event) {
    this.#watcher.cast.chatEvent(event);
    return noReply;
  }
}

export async function open() {
  const names = { chat: named("Chat"), screen: named("TUI") };
  const stdin = Object.assign(new EventEmitter(), { isTTY: true, setRawMode() {}, resume() {}, pause() {} });
  const app = await Application.start({
    strategy: "one_for_one",
    children: [
      child(Teller, undefined, { name: names.chat }),
      child(TUI, { chat: names.chat, draft: new Draft(), stdin, onQuit() {} }, { name: names.screen }),
    ],
  });
  const tell = (event) => names.chat.whereis().cast.tell(event);
  const item = (state, text) => ({ kind: "assistant", id: "a", model: "m", text, status: state });
  let told = "";
  return {
    push(text) {
      if (told === "") {
        tell({ type: "item", item: item("streaming", "") });
        tell({ type: "status", status: status("answering") });
      }
      told += text;
      tell({ type: "delta", id: "a", text });
    },
    finish() {
      tell({ type: "update", item: item("complete", told) });
      tell({ type: "status", status: status("idle") });
    },
    close: () => app.stop(),
  };
}
