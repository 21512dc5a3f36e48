// The management tools that only look: the code of a tool, what happened to the tools, their snapshots and what is different in them.
import { z } from "zod";
import { LibraryError } from "./library-error.js";
import { type ManagementTool, managementTool } from "./management-tool.js";
import type { ToolLibrary } from "./tool-library.js";
import type { FileDifference, Snapshot, ToolChangeRecord } from "./versions.js";

const snapshotId = z.string().max(20).describe("The number of a snapshot, as list_snapshots shows them");

export function lookingTools(library: ToolLibrary): readonly ManagementTool[] {
  return [
    managementTool({
      name: "show_tool",
      title: "Show a tool's code",
      description: "Show the code of a tool that create_tool made, to change it with update_tool or to learn from it.",
      input: { name: z.string().max(200).describe("The tool's name, without host.") },
      work: async ({ name }) => {
        const tool = (await library.current()).tools.find((each) => each.name === name);
        if (tool === undefined) {
          throw new LibraryError(
            "no_tool",
            `No tool that was made here is named ${name.slice(0, 80)}; see tool_history.`,
          );
        }
        return { text: tool.source, data: { name, file: tool.file, hash: tool.hash, code: tool.source } };
      },
    }),
    managementTool({
      name: "tool_history",
      title: "History of the tools",
      description:
        "Tell what happened to the tools that were made here, newest first: created, updated, deleted or restored, when, by whom and what changed.",
      input: {
        name: z.string().max(200).optional().describe("One tool's; without it all tools'"),
        limit: z.int().min(1).max(100_000).default(50).describe("At most so many changes"),
      },
      work: async ({ name, limit }) => {
        const changes = await library.history(name, limit);
        const text = changes.length === 0 ? "Nothing has happened yet." : changes.map(inWords).join("\n");
        return { text, data: { changes } };
      },
    }),
    managementTool({
      name: "list_snapshots",
      title: "List the snapshots",
      description:
        "List the snapshots of the tools that were made here, oldest first: what led to each, how many tools it has, whether it ran well. The newest is what the tools are now.",
      input: {},
      work: async () => {
        const snapshots = await library.snapshots();
        const text = snapshots.length === 0 ? "There are no snapshots yet." : snapshots.map(line).join("\n");
        return { text, data: { snapshots } };
      },
    }),
    managementTool({
      name: "diff_snapshots",
      title: "Compare two snapshots",
      description: "Show what is different in one snapshot of the tools from another, file by file and line by line.",
      input: { from: snapshotId, to: snapshotId.optional().describe("Another one; without it what the tools are now") },
      work: async ({ from, to }) => {
        const files = await library.diff(from, to);
        const text = files.length === 0 ? "They are the same." : files.map(difference).join("\n");
        return { text, data: { files } };
      },
    }),
  ];
}

function inWords({ at, tool, change, by, snapshot, what }: ToolChangeRecord): string {
  const head = `${new Date(at).toISOString()} ${tool} ${change} by ${by} (snapshot ${snapshot})`;
  return [head, ...what.map((text) => `  ${text}`)].join("\n");
}

function line({ id, at, tools, good, bad, why }: Snapshot): string {
  const state = bad ? ", bad: rolled back from" : good ? ", ran well" : "";
  return `${id} ${new Date(at).toISOString()} ${why}: ${tools.length} tools${state}`;
}

function difference({ name, change, added, removed, lines }: FileDifference): string {
  return [`${name} ${change}: +${added} -${removed} lines`, ...lines].join("\n");
}
