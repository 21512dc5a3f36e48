// The chat as tools, for programs that connect to one: what is sent is said as if it had been typed, and the user sees it, is asked
// before tools run, and may go on typing. Each call watches the chat for as long as it lasts, and holds nothing else.
import { z } from "zod";
import { again } from "../actors/again.js";
import type { Session } from "../actors/session/session.js";
import type { ToolResult } from "../mcp/client/mcp-types.js";
import { ownTool } from "../mcp/server/banyan-tools.js";
import { failed, type OwnTool, told } from "../mcp/server/own-tools.js";
import type { IncomingCall } from "../mcp/server/peer.js";
import { GenServer, isDown, type Named, type Ref, stopProcess } from "../supervision/index.js";
import type { Chat } from "./chat.js";
import type { ChatEvent, ChatWatcher } from "./events.js";
import { SentMessage } from "./remote-turn.js";

const LONGEST_TEXT = 1_000_000;
const MOST_MESSAGES = 200;
/** Of what is written so far, in progress. */
const LAST_SHOWN = 1_000;

const nothing = z.strictObject({});
const send = z.strictObject({ text: z.string().trim().min(1).max(LONGEST_TEXT).describe("What to say.") });
const history = z.strictObject({
  limit: z.int().min(1).max(MOST_MESSAGES).default(20).describe("How many of the last messages."),
});

export function chatTools(chat: Named<Chat>, session: Named<Session>): readonly OwnTool[] {
  const begin = (name: string, title: string, description: string): OwnTool =>
    ownTool({
      ...{ name, title, description, params: nothing, reads: false },
      run: async () => {
        await whileWatching(chat, async (present, watch) => {
          const cleared = new Promise<void>((resolve) => watch((event) => event.type === "cleared" && resolve()));
          await present.call.submit("/clear");
          await cleared;
        });
        const { id } = await again(() => session.call.view());
        return told("A new conversation has begun; the one before is kept.", { session: id });
      },
    });
  return [
    ownTool({
      name: "chat.send",
      title: "Say something in the chat",
      description:
        "Says something in the user's chat and answers with what the model says to it. Progress comes while it is written. " +
        "The user sees it all, and is asked before tools run that need a yes.",
      ...{ params: send, reads: false },
      run: ({ text }, { call }) => answered(chat, text, call),
    }),
    begin(
      "chat.new_session",
      "Begin a new conversation",
      "Begins a new conversation in the chat; the old one is kept.",
    ),
    begin(
      "chat.clear",
      "Clear the chat",
      "Clears the chat: the next message begins a new conversation; the old one is kept.",
    ),
    ownTool({
      name: "chat.history",
      title: "Read the chat",
      description: "The last messages of the conversation, the oldest first.",
      ...{ params: history, reads: true },
      run: async ({ limit }) => {
        const { id, messages } = await again(() => session.call.view());
        const last = messages
          .slice(-limit)
          .map(({ role, text, at }) => ({ role, text, at: new Date(at).toISOString() }));
        return told(JSON.stringify(last), { session: id, messages: last });
      },
    }),
  ];
}

async function answered(chat: Named<Chat>, text: string, call: IncomingCall): Promise<ToolResult> {
  return whileWatching(chat, async (present, watch, gone) => {
    const { progressToken } = call;
    let progress = 0;
    const message = new SentMessage(text, (soFar) => {
      if (progressToken === undefined) return;
      call.notify("notifications/progress", { progressToken, progress: ++progress, message: soFar.slice(-LAST_SHOWN) });
    });
    // A message that still waits for its turn is stopped when that begins.
    const stop = (): void => void (message.begun && present.call.cancel().catch(() => {}));
    message.onBegin = () => void (call.signal.aborted && stop());
    watch((event) => message.take(event));
    call.signal.addEventListener("abort", stop, { once: true });
    await present.call.say(text);
    const outcome = await Promise.race([message.over, gone]);
    if (outcome === undefined)
      return failed("chat_restarted", "The chat was started again meanwhile; chat.history has what was said.");
    if (outcome.problem !== undefined) return failed("no_answer", outcome.problem);
    return told(outcome.answer, { answer: outcome.answer });
  });
}

/** `gone` settles when the chat that was asked is no more. */
async function whileWatching<T>(
  chat: Named<Chat>,
  work: (present: Ref<Chat>, watch: (take: (event: ChatEvent) => void) => void, gone: Promise<undefined>) => Promise<T>,
): Promise<T> {
  let take: (event: ChatEvent) => void = () => {};
  let leave: () => void = () => {};
  const gone = new Promise<undefined>((resolve) => (leave = () => resolve(undefined)));
  const listener = await Listener.start({ chat, take: (event) => take(event), gone: leave });
  try {
    const present = chat.with({ timeout: Number.POSITIVE_INFINITY });
    await present.call.subscribe(listener);
    return await work(present, (next) => (take = next), gone);
  } finally {
    await stopProcess(listener);
  }
}

interface ListenerOptions {
  readonly chat: Named<Chat>;
  readonly take: (event: ChatEvent) => void;
  readonly gone: () => void;
}

/** Hears the chat for one call. temporary: it ends with the call. */
class Listener extends GenServer<ListenerOptions> implements ChatWatcher {
  #options!: ListenerOptions; // set by init

  protected override init(options: ListenerOptions): void {
    this.#options = options;
    this.monitor(options.chat);
  }

  chatEvent(event: ChatEvent): void {
    this.#options.take(event);
  }

  protected override handleInfo(message: unknown): void {
    if (isDown(message)) this.#options.gone();
  }
}
