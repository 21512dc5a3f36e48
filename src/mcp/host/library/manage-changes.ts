// The management tools that change something. A change is tried in a process apart before anything is written; then it is written; then it
// is brought into the process that runs. What was refused has changed nothing.
import { z } from "zod";
import type { ToolDefinition } from "../../client/tool-diff.js";
import type { Finding } from "../scan/report.js";
import { LibraryError } from "./library-error.js";
import {
  type ManagementCall,
  type ManagementTool,
  managementTool,
  RefusedError,
  type Said,
} from "./management-tool.js";
import type { ToolLibrary } from "./tool-library.js";
import { isRefusal, type StagedTool } from "./versions.js";

/** What the ToolHost does for a change. */
export interface ChangeHooks {
  /** Loads it in a process apart and runs its own tests. Rejects with a `BanyanError` whose sentence says what is wrong with it. */
  trial(staged: StagedTool, signal: AbortSignal): Promise<ToolDefinition & { readonly name: string }>;
  /** Brings the process that runs to what the library holds now. Answers with a sentence for each tool that could not be. */
  apply(): Promise<readonly string[]>;
  /** For the audit, before a change takes effect. Rejects when it cannot be recorded; then the change is not made. */
  record(action: ChangeAction, subject: string, detail: Readonly<Record<string, unknown>>): Promise<void>;
}

export type ChangeAction = "tool.create" | "tool.update" | "tool.delete" | "tool.rollback";

const name = z.string().max(200).describe("Its name: a-z, 0-9 and _, such as roll_dice");
const code = z.string().max(300_000).describe("The whole module, as in the example");
const language = z.enum(["js", "ts"]);
const accept_findings = z
  .array(z.string().max(100))
  .max(20)
  .default([])
  .describe("Only after a refusal that says so, and only if the user agrees: the names of the rules to accept");

const EXAMPLE = `export default {
  name: "roll_dice",
  description: "Roll dice and return each roll and the sum. Use it whenever chance must be fair.",
  input: {
    type: "object",
    properties: { count: { type: "integer", minimum: 1, maximum: 100, description: "How many dice" } },
    required: ["count"],
  },
  annotations: { readOnlyHint: true },
  handler({ count }, { signal, progress }) {
    const rolls = Array.from({ length: count }, () => 1 + Math.floor(Math.random() * 6));
    return \`\${rolls.join(" ")} = \${rolls.reduce((a, b) => a + b)}\`;
  },
  tests: [{ args: { count: 1 }, expect: { contains: "=" } }, { args: { count: 0 }, expect: { isError: true } }],
};`;

const CREATE = `Make a new tool out of code, which can be called at once and is kept. Use it when no tool does what is needed and the work is
computing: parsing, converting, checking, generating. The code runs in a sandbox: no files, no network, no programs; it may
import zod, banyan/tool and node: modules such as crypto, path, url, util and zlib. It is scanned and its own tests are run first; a refusal
says the line and the mend. The handler returns a string, several, or an MCP result, and throws an Error that says what is wrong with
the arguments. Example of code:

${EXAMPLE}`;

export function changingTools(library: ToolLibrary, hooks: ChangeHooks): readonly ManagementTool[] {
  const put = (wanted: Wanted, call: ManagementCall) => putTool(library, hooks, wanted, call);
  return [
    managementTool({
      name: "create_tool",
      title: "Create a tool",
      description: CREATE,
      input: {
        name,
        code,
        language: language.default("js").describe("js, or ts for TypeScript"),
        replace: z
          .boolean()
          .default(false)
          .describe("true: a tool of this name is replaced; otherwise that is an error"),
        accept_findings,
      },
      changes: { destructive: false, idempotent: true },
      work: ({ replace, ...wanted }, call) => put({ ...wanted, over: replace ? "any" : "none" }, call),
    }),
    managementTool({
      name: "update_tool",
      title: "Change a tool",
      description:
        "Replace the code of a tool that create_tool made. Give the whole module, not a part; read it with show_tool first. " +
        "It is tried before it takes the old one's place: calls that run end on the old code, and a module that is refused changes nothing.",
      input: { name, code, language: language.optional().describe("Without it: as the tool is now"), accept_findings },
      changes: { destructive: true, idempotent: true },
      work: (wanted, call) => put({ ...wanted, over: "one" }, call),
    }),
    managementTool({
      name: "delete_tool",
      title: "Delete a tool",
      description:
        "Delete a tool that create_tool made. What it was is kept in the snapshots and can be brought back with rollback.",
      input: { name },
      changes: { destructive: true, idempotent: true },
      work: async (wanted, { by }) => {
        await existing(library, wanted.name);
        await hooks.record("tool.delete", wanted.name, { by });
        const change = await library.remove(wanted.name, { by });
        const problems = await hooks.apply();
        return told(`${wanted.name} is deleted.`, { tool: wanted.name, change }, problems);
      },
    }),
    managementTool({
      name: "rollback",
      title: "Roll the tools back",
      description:
        "Make all tools that create_tool made what they were at a snapshot. Without a number: at the last one that ran well and is not " +
        "what they are now. What they are now is kept as a snapshot too, so this can be taken back. See list_snapshots and diff_snapshots.",
      input: {
        snapshot: z.string().max(20).optional().describe("The number of a snapshot, as list_snapshots shows them"),
      },
      changes: { destructive: true, idempotent: true },
      work: async ({ snapshot }, { by }) => {
        const id = snapshot ?? (await library.lastGood())?.id;
        if (id === undefined) {
          throw new LibraryError(
            "no_snapshot",
            "No other version is known to have run well; choose a snapshot by its number (banyan tools rollback --list).",
          );
        }
        await hooks.record("tool.rollback", id, { by });
        const restored = await library.restore(id, { by });
        const problems = await hooks.apply();
        const tools = restored.tools.map(({ tool, change }) => `${SIGNS[change]} ${tool}`).join("\n");
        const back = `What was before is snapshot ${restored.before.id}.`;
        return told(`The tools are those of snapshot ${id}. ${back}\n${tools}`, { ...restored }, problems);
      },
    }),
  ];
}

const SIGNS = { added: "+", removed: "-", changed: "~" } as const;

interface Wanted {
  readonly name: string;
  readonly code: string;
  readonly language?: "js" | "ts" | undefined;
  readonly accept_findings: readonly string[];
  /** Whether there must be one of this name already. */
  readonly over: "none" | "one" | "any";
}

async function putTool(library: ToolLibrary, hooks: ChangeHooks, wanted: Wanted, call: ManagementCall): Promise<Said> {
  const { name, code, over, accept_findings: accepted } = wanted;
  library.check(name, code);
  const old = (await library.current()).tools.find((tool) => tool.name === name);
  if (over === "none" && old !== undefined) {
    throw new LibraryError(
      "tool_exists",
      `There is a tool ${name} already; replace it (update_tool, on the command line --replace) or choose another name.`,
    );
  }
  if (over === "one" && old === undefined) await existing(library, name);
  const language = wanted.language ?? (old?.file.endsWith(".ts") ? "ts" : "js");

  const staged = await library.stage({ name, file: `${name}.${language}`, source: code }, accepted);
  if (isRefusal(staged)) {
    const mayBeTyped = language === "js" && staged.findings.some(({ rule }) => rule === "syntax");
    const hint = mayBeTyped ? " If it is TypeScript, say so with language ts." : "";
    throw new RefusedError("tool_refused", `${staged.reason}${hint}`, { findings: staged.findings });
  }
  const definition = await hooks.trial(staged, call.signal);
  if (definition.name !== name) {
    throw new LibraryError(
      "tool_name",
      `The module says its name is "${definition.name.slice(0, 80)}", and it is to be ${name}; make the two the same.`,
    );
  }
  call.signal.throwIfAborted();
  await hooks.record(old === undefined ? "tool.create" : "tool.update", name, { by: call.by, hash: staged.hash });
  const change = await library.write(name, code, {
    by: call.by,
    language,
    definition: definitionOf(definition),
    accepted,
    over,
  });
  const problems = await hooks.apply();

  const { findings } = staged;
  const did = change === undefined ? "that already" : change.change;
  const what = change === undefined || change.change === "created" ? "" : `\n${change.what.join("\n")}`;
  const text = `${name} is ${did}.${what}${findings.map(warning).join("")}`;
  return told(text, { tool: name, change, findings }, problems);
}

function warning({ line, column, reason }: Finding): string {
  return `\nLine ${line}, column ${column}: ${reason}`;
}

function told(text: string, data: Record<string, unknown>, problems: readonly string[]): Said {
  return { text: [text, ...problems].join("\n"), data: { ...data, problems } };
}

function definitionOf({ name: _, ...definition }: ToolDefinition & { readonly name: string }): ToolDefinition {
  return definition;
}

/** Throws `no_tool` with the mend. */
async function existing(library: ToolLibrary, name: string): Promise<void> {
  const { tools } = await library.current();
  if (tools.some((tool) => tool.name === name)) return;
  const all = tools.map((tool) => tool.name).slice(0, 20);
  const there = all.length === 0 ? "there are none yet" : `there are ${all.join(", ")}`;
  throw new LibraryError("no_tool", `No tool that was made here is named ${name.slice(0, 80)}; ${there}.`);
}
