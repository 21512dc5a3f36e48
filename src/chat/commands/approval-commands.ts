// /approvals: what may run without asking, by what and since when; and taking it back.
import { answering } from "../answering.js";
import type { Grant } from "../approvals.js";
import { cell } from "../cell.js";
import type { CommandContext, QuickCommand } from "../command.js";
import { startingWith } from "../suggestions.js";
import { time } from "./session-commands.js";

const HOW: { readonly [how in Grant["how"]]: string } = {
  always: "always in this folder, as the tool is now",
  pattern: "always in this folder, whatever fits",
  session: "in this conversation, as the tool is now",
  flags: "a flag of this run",
  settings: "`approvals.allow` of the settings",
};

export const approvalCommands: readonly QuickCommand[] = [
  {
    name: "approvals",
    group: "servers and tools",
    usage: ["", "remove TOOL", "clear"],
    examples: ["/approvals", "/approvals remove files.*"],
    summary: "show which tools run without asking, or take that back",
    complete: (typed) =>
      startingWith(typed, [
        { name: "remove", summary: "ask again before this tool or pattern runs" },
        { name: "clear", summary: "ask again for all that you have allowed" },
      ]),
    run: answering(async ({ approvals }, rest) => {
      const [, word = "", what = ""] = /^(\S*)\s*([\s\S]*)$/.exec(rest.trim()) ?? [];
      if (word === "") return table(approvals);
      if (word === "clear" && what === "") return removed(await approvals.remove(undefined));
      if (word === "remove" && what !== "") return remove(approvals, what);
      return "Write `/approvals`, `/approvals remove TOOL` or `/approvals clear`.";
    }),
  },
];

type Granted = CommandContext["approvals"];

function table(approvals: Granted): string {
  const rows = approvals.list().map(({ what, how, since }) => {
    return `| \`${cell(what)}\` | ${HOW[how]} | ${since === undefined ? "" : time(since)} |`;
  });
  const reading = approvals.readOnlyAllowed
    ? ["| tools that only read | `approvals.allow_read_only` of the settings | |"]
    : [];
  if (rows.length + reading.length === 0) return "Every tool asks before it runs.";
  return ["| what | how | since |", "| --- | --- | --- |", ...rows, ...reading, "", "Everything else asks."].join("\n");
}

async function remove(approvals: Granted, what: string): Promise<string> {
  const count = await approvals.remove(what);
  if (count > 0) return `\`${cell(what)}\` asks again.`;
  const how = approvals.list().find((grant) => grant.what === what)?.how;
  if (how === "settings")
    return `\`${cell(what)}\` is allowed by the settings: change \`approvals.allow\` in config.toml.`;
  if (how === "flags") return `\`${cell(what)}\` is allowed by a flag of this run: start Banyan without it.`;
  return `You have not allowed \`${cell(what)}\`; \`/approvals\` shows what you have.`;
}

function removed(count: number): string {
  if (count === 0) return "You have allowed nothing here.";
  return `${count === 1 ? "One approval is" : `${count} approvals are`} taken back.`;
}
