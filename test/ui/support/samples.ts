// What a conversation says, in short.
import type { ChatSnapshot, ChatStatus, TranscriptItem } from "../../../src/chat/events.js";

export const idle: ChatStatus = {
  model: "offline",
  turn: "idle",
  breaker: "closed",
  servers: [
    { name: "files", state: "ready", tools: 3 },
    { name: "web", state: "parked", tools: 0 },
  ],
  tokens: { input: 1_234, output: 56 },
  degraded: [],
  queued: [],
};

export function snapshot(items: readonly TranscriptItem[], status: ChatStatus = idle): ChatSnapshot {
  return { sessionId: "s", items, question: undefined, status, commands: [] };
}
