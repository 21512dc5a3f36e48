// /capabilities and /samplings: what servers can do, and what they have asked of the user's model.
import { z } from "zod";
import { again } from "../../actors/again.js";
import type { ServerStatus } from "../../mcp/client/server-status.js";
import { BanyanError, plainText } from "../../supervision/index.js";
import { cell } from "../cell.js";
import type { QuickCommand } from "../command.js";
import { serverNames } from "../server-names.js";

const SHOWN = 20;
const LONGEST = 160;

const rowSchema = z.object({ at: z.number(), action: z.string(), subject: z.string(), detail: z.string() });

const DECISIONS: Readonly<Record<string, string>> = {
  "approval.once": "allowed",
  "approval.session": "allowed for the conversation",
  "approval.always": "allowed from then on",
  "approval.denied": "denied",
};

export const serverFacts: readonly QuickCommand[] = [
  {
    name: "capabilities",
    group: "servers and tools",
    settled: true,
    summary: "show what each server can do, or one with what it says of itself",
    usage: ["[SERVER]"],
    examples: ["/capabilities", "/capabilities host"],
    complete: serverNames,
    run: async ({ servers }, rest) => {
      const all = await servers();
      const name = rest.trim();
      const found = name === "" ? all : all.filter((server) => server.name === name);
      if (found.length === 0) {
        throw new BanyanError(
          "no_server",
          name === "" ? "There are no servers." : `There is no server ${name}; see /servers.`,
        );
      }
      const [only] = found;
      const table = ["| server | version | can |", "| --- | --- | --- |", ...found.map(capabilitiesRow)];
      const words = name === "" ? undefined : only?.identity?.instructions;
      return [...table, ...(words === undefined ? [] : ["", "It says:", "", quoted(words)])].join("\n");
    },
  },
  {
    name: "samplings",
    aliases: ["sample"],
    group: "servers and tools",
    summary: "show what servers have asked of your model in this folder, and what you decided",
    run: async ({ names, use }) => {
      const sql = `SELECT at, action, subject, detail FROM audit
        WHERE project = ? AND subject LIKE 'sampling/%' ORDER BY seq DESC LIMIT ${SHOWN}`;
      const found = await again(() => use(names.store).call.all({ sql, params: [names.project] }));
      if (found.length === 0) return "No server has asked for an answer of your model in this folder.";
      const rows = found.reverse().map((row) => {
        const { at, action, subject, detail } = rowSchema.parse(row);
        const when = new Date(at).toISOString().slice(0, 16).replace("T", " ");
        const asked = cell(plainText(promptOf(detail))).slice(0, LONGEST);
        return `| ${when} | ${cell(subject.slice("sampling/".length))} | ${DECISIONS[action] ?? action} | ${asked} |`;
      });
      return ["| at | server | decision | asked |", "| --- | --- | --- | --- |", ...rows].join("\n");
    },
  },
];

function capabilitiesRow({ name, identity }: ServerStatus): string {
  if (identity === undefined) return `| ${name} | | not known before it has come up |`;
  const can = Object.entries(identity.capabilities).flatMap(([word, has]) => (has ? [word] : []));
  return `| ${name} | ${cell(plainText(`${identity.name} ${identity.version}`))} | ${can.join(", ") || "nothing"} |`;
}

function promptOf(detail: string): string {
  const parsed = z.looseObject({ prompt: z.string() }).safeParse(JSON.parse(detail)); // the audit writes JSON
  return parsed.success ? parsed.data.prompt : "";
}

function quoted(text: string): string {
  return plainText(text)
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}
