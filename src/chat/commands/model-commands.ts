// /models and /model: which models there are, which one answers, and another one from the next message on.
import { again } from "../../actors/again.js";
import type { ModelList } from "../../llm/model-list.js";
import { BanyanError } from "../../supervision/index.js";
import { cell } from "../cell.js";
import type { ServerCommand, ServerCommandContext, Suggestions, Surroundings } from "../command.js";
import { startingWith } from "../suggestions.js";

/** Of one provider. */
const MOST_SHOWN = 200;
/** Side by side. */
const MOST_COMPARED = 10;

export const modelCommands: readonly ServerCommand[] = [
  {
    name: "models",
    group: "model",
    usage: ["[WORD]", "info [PROVIDER:NAME …]"],
    examples: ["/models claude", "/models info openai:gpt-5-mini ollama:qwen3"],
    summary: "show the models there are, or how large the windows of some are and what they cost",
    complete: async (typed, surroundings) => {
      const [, before = ""] = /^(info\s+(?:\S+\s+)*)\S*$/.exec(typed) ?? [];
      if (before === "") return startingWith(typed, [{ name: "info", summary: "the window and the price of a model" }]);
      const found = await modelNames(typed.slice(before.length), surroundings);
      return found.map((hint) => ({ ...hint, name: `${before}${hint.name}`, label: hint.name }));
    },
    ask: async (context, rest) => {
      const { models, model } = context;
      const [word = "", ...named] = rest.trim().split(/\s+/);
      if (word === "info") return infoTable(context, named.length === 0 ? [model] : named);
      return modelsTable(await models.list(), model, rest.trim().toLowerCase());
    },
  },
  {
    name: "model",
    aliases: ["backend"],
    group: "model",
    summary: "show which model answers, or take another from the next message on",
    usage: ["[PROVIDER:NAME]"],
    complete: modelNames,
    ask: async ({ models, model, chooseModel }, rest) => {
      if (rest.trim() === "") return `\`${model}\` answers. \`/models\` shows the others, \`/model NAME\` takes one.`;
      const chosen = await models.choose(rest.trim());
      chooseModel(chosen);
      return `\`${chosen.id}\` answers from the next message on.`;
    },
  },
];

async function infoTable(context: ServerCommandContext, wanted: readonly string[]): Promise<string> {
  const { models, names, use } = context;
  if (wanted.length > MOST_COMPARED) throw new BanyanError("usage", `Name at most ${MOST_COMPARED} models at once.`);
  const { prices } = await again(() => use(names.config).call.get());
  const lists = await models.list();
  const rows = wanted.map(async (name) => {
    const { id, contextWindow } = await models.choose(name);
    const window = await contextWindow?.();
    const price = Object.values(prices).find((each) => each.model === id);
    const cost = price === undefined ? "not in `[prices]`" : `$${price.input} in, $${price.output} out`;
    const tokens = window === undefined ? "no measure" : `${window.tokens} tokens (${window.source})`;
    const isListed = lists.some((list) => list.models.some((each) => `${list.provider}:${each}` === id));
    const there = id === "offline" || isListed ? "yes" : "not listed";
    return `| \`${cell(id)}\` | ${there} | ${tokens} | ${cost} |`;
  });
  return [
    "| model | there | window | a million tokens |",
    "| --- | --- | --- | --- |",
    ...(await Promise.all(rows)),
  ].join("\n");
}

async function modelNames(typed: string, { names }: Surroundings): Promise<Suggestions> {
  const lists = await names.models.list();
  const all = lists.flatMap(({ provider, from, models }) =>
    models.map((name) => ({ name: `${provider}:${name}`, summary: from })),
  );
  return startingWith(typed, [...all, { name: "offline", summary: "no language model" }]);
}

function modelsTable(lists: readonly ModelList[], current: string, word: string): string {
  const rows = lists.flatMap(({ provider, from, models, problem }) => {
    if (problem !== undefined) return [`| \`${provider}:\` | ${cell(problem)} |`];
    const found = models.filter((name) => `${provider}:${name}`.toLowerCase().includes(word));
    const shown = found.slice(0, MOST_SHOWN).map((name) => {
      const id = `${provider}:${name}`;
      return `| \`${cell(id)}\` | ${cell(from)}${id === current ? ", answers now" : ""} |`;
    });
    const more = found.length - shown.length;
    return more > 0 ? [...shown, `| | and ${more} more; name a part of what you look for |`] : shown;
  });
  const offline = `| \`offline\` | always there, no language model${current === "offline" ? ", answers now" : ""} |`;
  return ["| model | from |", "| --- | --- |", ...rows, ...("offline".includes(word) ? [offline] : [])].join("\n");
}
