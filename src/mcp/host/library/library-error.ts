// What the tool library refuses or cannot do, for its caller to act on. Codes: `tool_name`, `tool_exists`, `no_tool`, `tool_size`,
// `tool_refused`, `too_many_tools`, `no_snapshot`, `snapshot_damaged`, `nothing_to_restore`, `tool_arguments`, `tools_disk`.
import { BanyanError } from "../../../supervision/errors.js";

export class LibraryError extends BanyanError {
  constructor(code: string, message: string, cause?: unknown) {
    super(code, message, { kind: "module", cause });
  }
}
