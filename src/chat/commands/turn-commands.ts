// Commands about the turns of a conversation: answer again, say it differently, what waits to be said, a tool's result whole, and the
// breaker that stands before the model.
import { open } from "node:fs/promises";
import { again } from "../../actors/again.js";
import type { BreakerStatus } from "../../actors/circuit-breaker.js";
import { fenced } from "../../actors/session/export.js";
import type { StoredMessage, ToolMessage } from "../../actors/session/message.js";
import { redact } from "../../actors/telemetry/redact.js";
import { answering } from "../answering.js";
import { cell } from "../cell.js";
import type { CommandContext, QuickCommand } from "../command.js";
import { startingWith } from "../suggestions.js";

/** Most of a result that is shown, in bytes. */
const LONGEST_SHOWN = 256 * 1024;
const BUSY = "An answer is being written; press Esc first, or wait.";

export const turnCommands: readonly QuickCommand[] = [
  {
    name: "retry",
    aliases: ["regenerate"],
    group: "conversation",
    summary: "answer the last message again; the answer before is kept, and no model is told of it",
    run: async ({ turns }) => {
      if (turns.busy) return BUSY;
      await turns.again();
      return undefined;
    },
  },
  {
    name: "edit",
    group: "conversation",
    usage: ["", "NEW TEXT"],
    examples: ["/edit", "/edit the same, but in French"],
    summary: "say the last message differently: without a text it is put into the line to be changed",
    run: async ({ turns, draft }, rest) => {
      if (turns.busy) return BUSY;
      if (rest.trim() !== "") await turns.sayInstead(rest);
      else {
        const last = await turns.last();
        if (last !== undefined) draft(`/edit ${last}`);
      }
      return undefined;
    },
  },
  {
    name: "stop",
    aliases: ["cancel"],
    group: "conversation",
    summary: "stop the answer, as Esc does: for terminals that only print",
    run: async ({ turns }) => (turns.cancel() ? undefined : "Nothing runs."),
  },
  {
    name: "queue",
    group: "conversation",
    usage: ["", "back"],
    summary: "show what is sent next, or take the newest of it back into the line",
    complete: (typed) => startingWith(typed, [{ name: "back", summary: "take the newest message back" }]),
    run: async ({ turns, draft }, rest) => {
      const { queued } = turns;
      if (rest.trim() !== "back") return queueList(queued, rest);
      const text = await turns.takeBack();
      if (text === undefined) return "Nothing waits to be sent.";
      draft(text);
      return undefined;
    },
  },
  {
    name: "result",
    group: "servers and tools",
    usage: ["", "N"],
    examples: ["/result", "/result 12"],
    summary: "show the last result of a tool whole, or that of message N as /history numbers them",
    run: answering(async ({ sessions }, rest) => {
      const found = await findResult(sessions, rest.trim());
      return typeof found === "string" ? found : wholeResult(found);
    }),
  },
  {
    name: "breaker",
    group: "model",
    usage: ["", "reset"],
    summary: "show whether the model is asked or left alone for a while, or ask it again now",
    complete: (typed) => startingWith(typed, [{ name: "reset", summary: "ask the model again now" }]),
    run: answering(async ({ breaker, model }, rest) => {
      if (rest.trim() === "") return breakerReport(await again(() => breaker.call.status()), model);
      if (rest.trim() !== "reset") return "Write `/breaker`, or `/breaker reset`.";
      await again(() => breaker.call.reset());
      return `The breaker is closed: \`${cell(model)}\` is asked again.`;
    }),
  },
];

function queueList(queued: readonly string[], rest: string): string {
  if (rest.trim() !== "") return "Write `/queue`, or `/queue back`.";
  if (queued.length === 0) return "Nothing waits to be sent.";
  const lines = queued.map((text, at) => `${at + 1}. ${cell(redact(text.replace(/\s+/g, " ").slice(0, 200)))}`);
  return [...lines, "", "`/queue back`, or ↑ on an empty line, takes the last one back."].join("\n");
}

/** The message, or why there is none. */
async function findResult({ session }: CommandContext["sessions"], number: string): Promise<ToolMessage | string> {
  if (number === "") {
    const { messages } = await again(() => session.call.view());
    return messages.findLast(isResult) ?? "No tool has answered in this conversation.";
  }
  if (!/^[1-9]\d{0,8}$/.test(number)) return "Write `/result N`, N the number of a message as `/history` shows it.";
  const { messages } = await again(() => session.call.page(Number(number), 1));
  const message = messages.at(-1);
  return message !== undefined && isResult(message) ? message : `Message ${number} is no result of a tool.`;
}

function isResult(message: StoredMessage): message is ToolMessage {
  return message.role === "tool" && message.status !== "waiting" && message.status !== "running";
}

async function wholeResult({ tool, text, whole }: ToolMessage): Promise<string> {
  const { shown, more } = whole === undefined ? { shown: text, more: false } : await beginning(whole, text);
  const where = whole === undefined ? "" : ` It is in \`${cell(whole)}\`.`;
  const rest = more ? `\n\nOnly its first ${LONGEST_SHOWN / 1024} KB are shown.${where}` : "";
  return `Result of \`${cell(tool)}\`:\n\n${fenced(redact(shown), "")}${rest}`;
}

/** Of the file; where it was removed meanwhile, what the model was given. */
async function beginning(file: string, otherwise: string): Promise<{ readonly shown: string; readonly more: boolean }> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(LONGEST_SHOWN), 0, LONGEST_SHOWN, 0);
      const { size } = await handle.stat();
      const shown = new TextDecoder().decode(buffer.subarray(0, bytesRead)).replace(/\uFFFD+$/, "");
      return { shown, more: size > bytesRead };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return { shown: otherwise, more: false }; // the newest are kept, and this is none of them any more
  }
}

function breakerReport({ state, failures, lastError, retryAt }: BreakerStatus, model: string): string {
  const lines = [
    `- \`${cell(model)}\`: ${{ closed: "asked", open: "left alone for a while", "half-open": "being tried" }[state]} (the breaker is ${state})`,
    `- failures in a row: ${failures}${lastError === undefined ? "" : `, the last: ${cell(redact(lastError))}`}`,
  ];
  if (state !== "open" || retryAt === undefined) return lines.join("\n");
  const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
  return [...lines, `- tried again in ${seconds} s; \`/breaker reset\` tries now`].join("\n");
}
