// A change of one settings file by a command, such as `banyan servers add`. It is checked together with every other layer before it is
// written, and written whole (replace-file.ts); a file that is invalid already is not touched.
import { mkdirSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { ConfigFile } from "../paths.js";
import { approveProject } from "./approval.js";
import { type Loaded, loadConfig } from "./load.js";
import { withLock } from "./lock.js";
import type { StoringRequest } from "./overrides.js";
import { ConfigError } from "./problems.js";
import { readFromDisk } from "./read.js";
import { replaceFile } from "./replace-file.js";

export interface FileEdit {
  /** What is in force from now on. */
  readonly loaded: Loaded;
  readonly file: string;
}

/**
 * Changes the file's text; `edit` gets the empty text where there is no file yet. `first` is called when the change is known to hold and
 * not written yet; what it throws keeps it from being written. Throws a {@link ConfigError}, having changed nothing. A project's file
 * that was approved, or needed no approval, stays so: the change is the user's own.
 */
export function editSettings(
  request: StoringRequest,
  target: ConfigFile,
  edit: (text: string) => Promise<string>,
  first: (loaded: Loaded) => Promise<void>,
): Promise<FileEdit> {
  const { approvals, overrides } = request;
  // All commands of this user that write settings stand in one line, for each is checked against what the others wrote.
  return withLock(overrides, async () => {
    const before = await load(request);
    const present = readFromDisk(target.file);
    const text = await edit(new TextDecoder("utf-8", { fatal: true }).decode(present ?? new Uint8Array()));
    const bytes = new TextEncoder().encode(text);
    const after = await load(request, (file) => (file === target.file ? bytes : readFromDisk(file)));
    await first(after);
    mkdirSync(dirname(target.file), { recursive: true });
    // A link to a file kept elsewhere stays one, and whoever could read the file still can.
    const file = present === undefined ? target.file : realpathSync(target.file);
    replaceFile(file, text, present === undefined ? 0o600 : statSync(file).mode & 0o777);
    const { pendingApproval: pending } = after;
    if (pending === undefined || before.pendingApproval !== undefined || approvals === undefined) {
      return { loaded: after, file: target.file };
    }
    await approveProject(pending, approvals);
    return { loaded: await load(request), file: target.file };
  });
}

async function load(request: StoringRequest, read = readFromDisk): Promise<Loaded> {
  const result = await loadConfig(request, read);
  if ("error" in result) throw new ConfigError(result.error);
  return result.ok;
}
