// /models and /model: which models there are, which one answers, and another one from the next message on.
import type { ModelList } from "../llm/model-list.js";
import { cell } from "./cell.js";
import type { ServerCommand } from "./command.js";

/** Of one provider. */
const MOST_SHOWN = 200;

export const modelCommands: readonly ServerCommand[] = [
  {
    name: "models",
    summary: "show the models there are, or those whose name contains a word",
    ask: async ({ models, model }, rest) => modelsTable(await models.list(), model, rest.trim().toLowerCase()),
  },
  {
    name: "model",
    summary: "show which model answers, or take another from the next message on: /model PROVIDER:NAME",
    ask: async ({ models, model, chooseModel }, rest) => {
      if (rest.trim() === "") return `\`${model}\` answers. \`/models\` shows the others, \`/model NAME\` takes one.`;
      const chosen = await models.choose(rest.trim());
      chooseModel(chosen);
      return `\`${chosen.id}\` answers from the next message on.`;
    },
  },
];

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
