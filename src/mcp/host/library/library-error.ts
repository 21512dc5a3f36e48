// What the tool library refuses or cannot do, for its caller to act on. Codes: `tool_name`, `tool_exists`, `no_tool`, `tool_size`,
// `tool_refused`, `too_many_tools`, `no_snapshot`, `snapshot_damaged`, `nothing_to_restore`, `tool_arguments`, `tools_disk`.
import { BanyanError, messageOf } from "../../../supervision/errors.js";

export class LibraryError extends BanyanError {
  constructor(code: string, message: string, cause?: unknown) {
    super(code, message, { kind: "module", cause });
  }
}

/** Whether the disk is the reason, by way of Node or of SQLite, which the lock is made with. */
export function isOfDisk(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return "syscall" in error || ("code" in error && String(error.code).startsWith("SQLITE_"));
}

/** `folder`: where to look. */
export function diskError(error: Error, folder: string): LibraryError {
  const text = `The tools cannot be read or written (${messageOf(error)}); see to the disk and to ${folder}.`;
  return new LibraryError("tools_disk", text, error);
}
