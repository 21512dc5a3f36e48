// /models and /model: which models there are, which one answers, and another one from the next message on.
import type { ModelList } from "../llm/model-list.js";
import { cell } from "./cell.js";
import type { ServerCommand, Suggestions, Surroundings } from "./command.js";
import { startingWith } from "./suggestions.js";

/** Of one provider. */
const MOST_SHOWN = 200;

export const modelCommands: readonly ServerCommand[] = [
  {
    name: "models",
    group: "model",
    usage: ["[WORD]"],
    summary: "show the models there are, or those whose name contains a word",
    ask: async ({ models, model }, rest) => modelsTable(await models.list(), model, rest.trim().toLowerCase()),
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
