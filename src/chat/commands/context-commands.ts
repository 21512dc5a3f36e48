// /context, /compact, /system and /tokens: what the model is sent, how much of it there is, and what the user changes about it.
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { again } from "../../actors/again.js";
import { type Pinned, type Strategy, strategies } from "../../actors/session/own-context.js";
import type { SessionView } from "../../actors/session/session.js";
import { BanyanError } from "../../supervision/index.js";
import { answering } from "../answering.js";
import { cell } from "../cell.js";
import type { Command, ServerCommandContext, Surroundings } from "../command.js";
import { Compactor, percent } from "../context/compactor.js";
import { storedTokens, sum } from "../context/estimate.js";
import { type ContextFigures, contextFigures } from "../context/figures.js";
import { roomOf } from "../context/room.js";
import { sentAsItIs } from "../context/sent.js";
import { startingWith } from "../suggestions.js";
import { blockText } from "../transcript.js";
import { foundResource } from "./resource-commands.js";

/** Of all that is pinned together, in characters: it is sent with every request. */
const MOST_PINNED = 256 * 1024;
const MOST_PIECES = 50;
const SHOWN = 20;

const subcommands: readonly (readonly [string, string])[] = [
  ["stats", "what fills the model's window, part by part"],
  ["add", "pin a file, a resource or a text: it is sent with every message"],
  ["list", "what is pinned"],
  ["rm", "unpin a piece by its number"],
  ["clear", "unpin all"],
  ["strategy", "what becomes of older messages when the window is full"],
];

export const contextCommands: readonly Command[] = [
  {
    name: "context",
    group: "conversation",
    summary: "show what fills the model's window, pin what is always sent, choose what becomes of older messages",
    usage: ["", "add FILE|SERVER.RESOURCE|TEXT", "list", "rm N", "clear", "strategy [compact|truncate|none]"],
    examples: [
      "/context",
      "/context add docs/style.md",
      "/context add Answer in one sentence.",
      "/context strategy none",
    ],
    complete: (typed) => startingWith(typed, [...subcommands.map(named), ...strategies.map(strategyHint)]),
    ask: async (context, rest) => {
      const [, word = "", more = ""] = /^(\S*)\s*([\s\S]*)$/.exec(rest.trim()) ?? [];
      if (word === "" || word === "stats") return statsTable(await figures(context), await view(context));
      if (word === "list") return pinnedTable((await view(context)).context.pinned);
      if (word === "add") return pin(context, more.trim());
      if (word === "rm") return unpin(context, more.trim());
      if (word === "clear") return unpinAll(context);
      if (word === "strategy") return chooseStrategy(context, more.trim());
      throw new BanyanError("usage", `/context has no "${word}"; /help context shows what it has.`);
    },
  },
  {
    name: "compact",
    group: "conversation",
    summary: "sum up what was said so far, to make room in the model's window",
    usage: ["[WHAT TO KEEP ABOVE ALL]"],
    examples: ["/compact", "/compact the names of all files we changed"],
    alone: true,
    ask: compact,
  },
  {
    name: "system",
    group: "conversation",
    summary: "show, set or clear what the model is told before this conversation",
    usage: ["[TEXT|clear]"],
    examples: ["/system", "/system You are a strict reviewer of TypeScript.", "/system clear"],
    run: answering(async ({ names, use }, rest) => {
      const text = rest.trim();
      const session = use(names.session);
      if (text === "") {
        const { context } = await again(() => session.call.view());
        if (context.system !== undefined) return `Of this conversation:\n\n${context.system}`;
        const { system_prompt } = (await again(() => use(names.config).call.get())).chat;
        return `Of the settings (\`chat.system_prompt\`):\n\n${system_prompt}`;
      }
      await again(() => session.call.setContext({ system: text === "clear" ? undefined : text }));
      return text === "clear"
        ? "From the next message on the model is told what the settings say."
        : "From the next message on the model is told this, in this conversation.";
    }),
  },
  {
    name: "tokens",
    group: "conversation",
    summary: "show about how many tokens each of the last messages has, and all of them",
    run: answering(async ({ names, use }) => tokensTable(await again(() => use(names.session).call.view()))),
  },
];

function named([name, summary]: readonly [string, string]) {
  return { name, summary };
}

function strategyHint(strategy: Strategy) {
  return { name: `strategy ${strategy}`, summary: STRATEGIES[strategy] };
}

const STRATEGIES: { readonly [strategy in Strategy]: string } = {
  compact: "older messages are summed up by the model",
  truncate: "older messages are left out",
  none: "everything is sent, and the model may refuse it",
};

// --- what there is -------------------------------------------------------------------------------------------------------

function view({ names, use }: Surroundings): Promise<SessionView> {
  return again(() => use(names.session).call.view());
}

async function figures(context: ServerCommandContext): Promise<ContextFigures> {
  const { names, use, models, model } = context;
  const now = await view(context);
  const settings = await again(() => use(names.config).call.get());
  // As a turn waits for servers that are on their way, so that their tools are counted.
  await again(() => use(names.servers).with({ timeout: Number.POSITIVE_INFINITY }).call.settled());
  const tools = names.router.visible(await again(() => use(names.aggregator).call.tools()));
  const { learned } = now.context;
  const room = await roomOf(
    await models.choose(model),
    { context: settings.context, maxTokens: settings.chat.max_tokens },
    learned?.model === model ? learned.tokens : undefined,
  );
  return contextFigures(now, tools, settings.chat.system_prompt, room);
}

const SOURCES = {
  settings: "as the settings say",
  provider: "as its server says",
  family: "as is known of its family",
  guess: "a careful guess, for nobody says; `context_window` under `[providers.…]` sets it",
} as const;

function statsTable({ parts, tokens, room }: ContextFigures, { context }: SessionView): string {
  const whole = room?.window.tokens ?? tokens;
  const row = (name: string, count: string, part: number): string =>
    `| ${cell(name)} | ${count} | ${figure(part)} | ${percent(part, whole)} | ${bar(part, whole)} |`;
  const rows = parts.map(({ name, count, tokens: part }) => row(name, count === undefined ? "" : `${count}`, part));
  const free =
    room === undefined
      ? []
      : [row("for the answer", "", room.reserve), row("free", "", Math.max(0, room.limit - tokens))];
  const measured =
    context.factor === 1
      ? "All figures are estimates: the model has not counted yet."
      : `All figures are estimates, corrected by what the model counted (×${context.factor}).`;
  const isOver = room !== undefined && tokens > room.limit;
  const head =
    room === undefined
      ? `About ${figure(tokens)} tokens are sent with the next message; this model has no window to fill.`
      : `About ${figure(tokens)} tokens are sent with the next message: ${percent(tokens, room.limit)} of the ${figure(room.limit)} there is room for. The model takes ${figure(room.window.tokens)}, ${SOURCES[room.window.source]}.`;
  return [
    head,
    ...(isOver ? ["What is too long is cut for the model, the longest results first; all of it is kept."] : []),
    "",
    "| part | number | tokens | share | |",
    "| --- | ---: | ---: | ---: | --- |",
    ...rows,
    ...free,
    "",
    measured,
  ].join("\n");
}

const BAR = 10;

function bar(part: number, whole: number): string {
  const cells = Math.min(BAR, Math.max(part > 0 ? 1 : 0, Math.round((part / Math.max(1, whole)) * BAR)));
  return "█".repeat(cells);
}

function figure(tokens: number): string {
  return Math.round(tokens).toLocaleString("en");
}

function tokensTable(now: SessionView): string {
  const { factor } = now.context;
  const sent = sentAsItIs(now).filter(({ message }) => storedTokens(message) > 0);
  const total = sum(sent.map(({ message }) => storedTokens(message))) * factor;
  const rows = sent.slice(-SHOWN).map(({ position, message }) => {
    const who = message.role === "user" ? "you" : message.role === "tool" ? `\`${cell(message.tool)}\`` : message.role;
    return `| ${position + 1} | ${who} | ${figure(storedTokens(message) * factor)} |`;
  });
  const { input, output } = now.tokens;
  const counted = `The providers have counted ${figure(input)} tokens sent and ${figure(output)} written in all.`;
  if (rows.length === 0) return `Nothing was said yet. ${counted}`;
  return [
    "| # | who | tokens, about |",
    "| ---: | --- | ---: |",
    ...rows,
    `| | **${sent.length} messages** | **${figure(total)}** |`,
    "",
    `${counted} \`/context\` shows what else is sent.`,
  ].join("\n");
}

// --- what is pinned ------------------------------------------------------------------------------------------------------

async function pin(context: ServerCommandContext, what: string): Promise<string> {
  if (what === "") return "Write `/context add FILE`, `/context add SERVER.RESOURCE` or `/context add TEXT`.";
  const { pinned } = (await view(context)).context;
  const piece = await read(context, what);
  const size = sum([...pinned, piece].map(({ text }) => text.length));
  if (size > MOST_PINNED || pinned.length >= MOST_PIECES) {
    const most = `${MOST_PIECES} pieces or ${MOST_PINNED / 1024} KB`;
    throw new BanyanError(
      "usage",
      `At most ${most} can be pinned, for they are sent with every message; /context rm N makes room.`,
    );
  }
  const number = Math.max(0, ...pinned.map((each) => each.number)) + 1;
  await setPinned(context, [...pinned, { ...piece, number }]);
  return `Pinned as ${number}: ${piece.kind} ${piece.kind === "text" ? "" : `\`${piece.name}\``}, ${figure(piece.text.length)} characters as they are now. They are sent with every message of this conversation; \`/context rm ${number}\` ends it.`;
}

/** A file of this name, a resource of a server, or else the words themselves. */
async function read(context: ServerCommandContext, what: string): Promise<Omit<Pinned, "number">> {
  const path = resolve(context.folder, what.replace(/^(["'])(.*)\1$/, "$2"));
  const file = await stat(path).catch(() => undefined);
  if (file?.isFile()) {
    if (file.size > MOST_PINNED)
      throw new BanyanError("usage", `${what} is larger than ${MOST_PINNED / 1024} KB; pin a part of it as text.`);
    const text = await readFile(path, "utf8");
    if (text.includes("\0")) throw new BanyanError("usage", `${what} is no text; only text can be pinned.`);
    return { kind: "file", name: what, text };
  }
  const [, server] = /^([a-z0-9_-]+)\.\S+$/.exec(what) ?? [];
  const servers = await again(() => context.use(context.names.servers).call.status());
  if (server !== undefined && servers.some(({ name }) => name === server)) {
    const { uri } = await foundResource(context, what);
    const contents = await context.read(server, uri);
    return {
      kind: "resource",
      name: uri,
      text: contents.map((part) => blockText({ type: "resource", resource: part })).join("\n"),
    };
  }
  // One word with a slash or a dot in it was meant to be a name.
  if (/^\S+[./]\S+$/.test(what)) {
    throw new BanyanError(
      "usage",
      `There is no file ${what} and no resource of that name; write several words to pin a text.`,
    );
  }
  return { kind: "text", name: what.replace(/\s+/g, " ").slice(0, 60), text: what };
}

async function unpin(context: ServerCommandContext, number: string): Promise<string> {
  const { pinned } = (await view(context)).context;
  const left = pinned.filter((piece) => `${piece.number}` !== number);
  if (left.length === pinned.length) return `Nothing is pinned as "${cell(number)}"; \`/context list\` shows what is.`;
  await setPinned(context, left);
  return `${number} is pinned no more.`;
}

async function unpinAll(context: ServerCommandContext): Promise<string> {
  const { pinned } = (await view(context)).context;
  await setPinned(context, []);
  return pinned.length === 0
    ? "Nothing was pinned."
    : `${pinned.length} pinned pieces are sent no more. \`/clear\` begins a new conversation.`;
}

function setPinned({ names, use }: Surroundings, pinned: readonly Pinned[]): Promise<void> {
  return again(() => use(names.session).call.setContext({ pinned: [...pinned] }));
}

function pinnedTable(pinned: readonly Pinned[]): string {
  if (pinned.length === 0)
    return "Nothing is pinned; `/context add FILE`, a resource or a text is then sent with every message.";
  const rows = pinned.map(
    ({ number, kind, name, text }) => `| ${number} | ${kind} | ${cell(name)} | ${figure(text.length)} |`,
  );
  return ["| # | kind | what | characters |", "| ---: | --- | --- | ---: |", ...rows].join("\n");
}

// --- what becomes of older messages --------------------------------------------------------------------------------------

async function chooseStrategy(context: ServerCommandContext, word: string): Promise<string> {
  const { names, use } = context;
  const chosen = strategies.find((strategy) => strategy === word);
  if (word !== "" && chosen === undefined) {
    throw new BanyanError("usage", `There is no strategy "${word}"; choose ${strategies.join(", ")}.`);
  }
  if (chosen !== undefined) await again(() => use(names.session).call.setContext({ strategy: chosen }));
  const settings = await again(() => use(names.config).call.get());
  const now = chosen ?? (await view(context)).context.strategy ?? settings.context.strategy;
  const lines = strategies.map((strategy) => {
    const about = `\`${strategy}\`: ${STRATEGIES[strategy]}`;
    return strategy === now ? `- **${about}** (in force in this conversation)` : `- ${about}`;
  });
  return [`When ${settings.context.compact_at}% of the model's room is used:`, "", ...lines].join("\n");
}

async function compact(context: ServerCommandContext, rest: string): Promise<string | undefined> {
  const { names, use, models, model, signal } = context;
  const settings = await again(() => use(names.config).call.get());
  // Not bound to this process, which has ended then. A probe of the model that is broken off proves nothing.
  signal.addEventListener("abort", () => names.breaker.cast.released(), { once: true });
  const compactor = new Compactor({
    session: use(names.session),
    breaker: use(names.breaker),
    chat: use(names.self),
    settings: { context: settings.context, maxTokens: settings.chat.max_tokens },
    system: settings.chat.system_prompt,
    prices: Object.values(settings.prices),
  });
  const summary = await compactor.compactNow(await models.choose(model), rest.trim(), signal);
  if (summary === undefined) return "There is nothing to sum up yet: the last messages always stay as they are.";
  if (summary.model === "") return undefined; // what became of it is said already
  return `${summary.text}\n\n*The model goes on with this and the last messages; everything said is still here: \`/history\`, \`/search\`.*`;
}
