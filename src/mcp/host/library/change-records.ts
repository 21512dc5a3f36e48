// The lines of the history that a change of the tools makes.
import { type ToolDefinition, toolDiff } from "../../client/tool-diff.js";
import type { ChangeRecord } from "./change-journal.js";
import { changedFiles, codeLines } from "./differences.js";
import type { ToolChangeRecord, ToolSource } from "./versions.js";

/** Before it is known which snapshot the change leads to. */
export type UnnumberedRecord = Omit<ChangeRecord, "snapshot">;

/** Characters of a definition, as JSON, that is kept. */
const LONGEST_DEFINITION = 32_768;

/** One for each tool that is not the same in both. `history`: what it was before is looked up there. */
export async function recordsOf(
  before: readonly ToolSource[],
  after: readonly ToolSource[],
  by: string,
  history: readonly ToolChangeRecord[],
  definitionOf: (tool: string) => ToolDefinition | undefined = () => undefined,
): Promise<UnnumberedRecord[]> {
  const changed = changedFiles(before, after);
  const at = Date.now();
  const records: UnnumberedRecord[] = [];
  // A tool whose file has another ending now is one tool.
  for (const tool of new Set(changed.map((each) => each.name))) {
    const parts = changed.filter((each) => each.name === tool);
    const was = parts.find((each) => each.before !== undefined)?.before;
    const is = parts.find((each) => each.after !== undefined)?.after;
    const definition = definitionOf(tool);
    const earlier = history.findLast((record) => record.tool === tool && record.definition !== undefined)?.definition;
    const fields = definition === undefined || earlier === undefined ? [] : toolDiff(earlier, definition);
    const isKept = definition !== undefined && JSON.stringify(definition).length <= LONGEST_DEFINITION;
    records.push({
      ...{ at, tool, before: was?.hash, after: is?.hash, by },
      change: was === undefined ? "created" : is === undefined ? "deleted" : "updated",
      what: [...fields, ...(await codeLines(was, is))],
      ...(isKept ? { definition } : {}),
    });
  }
  return records;
}
