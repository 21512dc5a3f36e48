// The conversation as it is shown, entry by entry. Whoever watches is told of each entry that comes and of each change to one.
import { type StoredMessage, stamp } from "../actors/session/message.js";
import { redact } from "../actors/telemetry/redact.js";
import type { Progress } from "../mcp/client/mcp-types.js";
import type { ChatEvent, NoticeLevel, ToolCallView, TranscriptItem } from "./events.js";
import { inOrder, itemsOf } from "./transcript.js";

/** Most entries a watcher that comes late is given. */
const SNAPSHOT_ITEMS = 1_000;

export class ShownItems {
  private items: TranscriptItem[] = [];

  constructor(private readonly emit: (event: ChatEvent) => void) {}

  /** The end of it, for a watcher that comes late. */
  get latest(): readonly TranscriptItem[] {
    return this.items.slice(-SNAPSHOT_ITEMS);
  }

  /** What the model thought before the last answer it thought about. */
  get lastThinking(): string | undefined {
    const last = this.items.findLast((item) => item.kind === "assistant" && item.thinking !== undefined);
    return last?.kind === "assistant" ? last.thinking : undefined;
  }

  /** The tool calls that wait or run. */
  get running(): readonly ToolCallView[] {
    const calls = this.items.flatMap((item) => (item.kind === "tool" ? [item.call] : []));
    return calls.filter(({ status }) => status === "waiting" || status === "running");
  }

  /** Begins anew with what is stored; watchers learn of it by their snapshot, or by {@link showAgain}. */
  replace(messages: readonly StoredMessage[]): void {
    this.items = inOrder(messages).flatMap(itemsOf);
  }

  /** To watchers that show another conversation. */
  showAgain(): void {
    this.emit({ type: "cleared" });
    for (const item of this.latest) this.emit({ type: "item", item });
  }

  /** The message as it is now, whether it is new or was shown before. */
  show(message: StoredMessage): void {
    for (const item of itemsOf(message)) {
      if (this.items.some(({ id }) => id === item.id)) this.change(item);
      else this.add(item);
    }
  }

  grow(id: string, text: string): void {
    const at = this.items.findLastIndex((item) => item.id === id);
    const item = this.items[at];
    if (item?.kind !== "assistant") return;
    this.items[at] = { ...item, text: item.text + text };
    this.emit({ type: "delta", id, text });
  }

  progress(callId: string, { progress, total, message }: Progress): void {
    const item = this.items.findLast(({ id }) => id === callId);
    if (item?.kind !== "tool" || item.call.status !== "running") return;
    const made = {
      value: progress,
      ...(total === undefined ? {} : { total }),
      ...(message === undefined ? {} : { message }),
    };
    this.change({ ...item, call: { ...item.call, progress: made } });
  }

  notice(level: NoticeLevel, text: string): void {
    this.add({ kind: "notice", id: stamp().id, level, text: redact(text) });
  }

  hasNotice(text: string): boolean {
    return this.items.some((item) => item.kind === "notice" && item.text === text);
  }

  endsWithNotice(text: string): boolean {
    const last = this.items.at(-1);
    return last?.kind === "notice" && last.text === text;
  }

  /** What a command answered. */
  output(line: string, text: string): void {
    this.add({ kind: "output", id: stamp().id, title: line, text });
  }

  private add(item: TranscriptItem): void {
    this.items.push(item);
    this.emit({ type: "item", item });
  }

  private change(item: TranscriptItem): void {
    const at = this.items.findLastIndex(({ id }) => id === item.id);
    if (at < 0) return;
    this.items[at] = item;
    this.emit({ type: "update", item });
  }
}
