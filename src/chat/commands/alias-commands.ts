// /alias, /aliases and /unalias: commands by which users make commands of their own.
import { again } from "../../actors/again.js";
import type { Alias, AliasScope } from "../../actors/aliases.js";
import { answering } from "../answering.js";
import type { QuickCommand, Suggestions, Surroundings } from "../command.js";
import { startingWith } from "../suggestions.js";

const GLOBAL_FLAG = /^--global(?:\s+|$)/;
const HOW = "Write `/alias NAME = TEXT`, as in `/alias review = Review the file $1 and name its three worst faults.`";

export const aliasCommands: readonly QuickCommand[] = [
  {
    name: "alias",
    group: "typing",
    summary: "define a command of your own: $1 to $9 and $@ are what follows it, ;; separates several lines",
    usage: ["[--global] NAME = TEXT"],
    examples: [
      "/alias review = Review the file $1 and name its three worst faults.",
      "/alias day = /clear ;; /tools calc",
    ],
    run: answering(async ({ aliases }, rest) => {
      const { scope, text } = scoped(rest);
      const [, name = "", expansion] = /^\/?([^\s=]*)\s*=([\s\S]*)$/.exec(text) ?? [];
      if (expansion === undefined) return HOW;
      await again(() => aliases.call.define({ name: name.toLowerCase(), expansion, scope }));
      return `\`/${name.toLowerCase()}\` is defined ${where(scope)}.`;
    }),
  },
  {
    name: "aliases",
    group: "typing",
    summary: "show the commands you defined",
    run: answering(async ({ aliases }) => table(await again(() => aliases.call.list()))),
  },
  {
    name: "unalias",
    group: "typing",
    summary: "forget a command you defined",
    usage: ["[--global] NAME"],
    complete: aliasNames,
    run: answering(async ({ aliases }, rest) => {
      const { scope, text } = scoped(rest);
      const name = text.replace(/^\//, "").trim().toLowerCase();
      if (name === "") return "Write `/unalias NAME`; `/aliases` shows what there is.";
      if (await again(() => aliases.call.remove(name, scope))) return `\`/${name}\` is forgotten ${where(scope)}.`;
      const elsewhere = (await again(() => aliases.call.list())).find((alias) => alias.name === name);
      if (elsewhere === undefined) return `There is no alias \`/${name}\`; \`/aliases\` shows what there is.`;
      const flag = elsewhere.scope === "global" ? "--global " : "";
      return `\`/${name}\` is defined ${where(elsewhere.scope)}: write \`/unalias ${flag}${name}\`.`;
    }),
  },
];

async function aliasNames(typed: string, { names, use }: Surroundings): Promise<Suggestions> {
  const aliases = await use(names.aliases).call.list();
  const named = aliases.map(({ name, expansion, scope }) => ({
    name: scope === "global" ? `--global ${name}` : name,
    summary: expansion,
  }));
  return startingWith(typed, named);
}

function scoped(rest: string): { readonly scope: AliasScope; readonly text: string } {
  const text = rest.trim();
  return GLOBAL_FLAG.test(text) ? { scope: "global", text: text.replace(GLOBAL_FLAG, "") } : { scope: "project", text };
}

function where(scope: AliasScope): string {
  return scope === "global" ? "for all folders" : "for this folder";
}

function table(aliases: readonly Alias[]): string {
  if (aliases.length === 0) return `No command is defined yet. ${HOW}`;
  const rows = aliases.map(({ name, expansion, scope }) => {
    const text = expansion.replaceAll("\n", " ;; ").replace(/[|`]/g, "\\$&");
    return `| /${name} | ${text} | ${scope === "global" ? "all folders" : "this folder"} |`;
  });
  return ["| alias | stands for | in |", "| --- | --- | --- |", ...rows].join("\n");
}
