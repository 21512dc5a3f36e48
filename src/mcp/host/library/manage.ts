// The tools that manage the tools: what `host` lists besides the bundled and the dynamic ones, for models, for clients and for the
// command line alike.
import { type ChangeHooks, changingTools } from "./manage-changes.js";
import { lookingTools } from "./manage-looks.js";
import type { ManagementTool } from "./management-tool.js";
import type { ToolLibrary } from "./tool-library.js";

/** Which nobody else's tool can have. */
export const managementNames = [
  ...["create_tool", "update_tool", "delete_tool", "rollback"],
  ...["show_tool", "tool_history", "list_snapshots", "diff_snapshots"],
] as const;

export function managementTools(library: ToolLibrary, hooks: ChangeHooks): readonly ManagementTool[] {
  return [...changingTools(library, hooks), ...lookingTools(library)];
}
