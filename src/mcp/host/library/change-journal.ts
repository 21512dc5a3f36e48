// The one change that is under way. Once it is written here it will be done, by whoever comes next if need be: every change of the
// folder is this file first, then the files it names, then the snapshot and the history, and last this file's end. Each step can be
// done again.
import { join } from "node:path";
import { z } from "zod";
import type { ToolDefinition } from "../../client/tool-diff.js";
import { readSealed, setAside, writeSealed } from "./sealed-file.js";
import { fileSchema, manifestSchema } from "./snapshot-list.js";
import { removeFile } from "./whole-files.js";

export const recordSchema = z.strictObject({
  at: z.number(),
  tool: z.string(),
  change: z.enum(["created", "updated", "deleted", "restored"]),
  before: z.string().optional(),
  after: z.string().optional(),
  snapshot: z.string(),
  by: z.string(),
  what: z.array(z.string()),
  // What `recordOf` has made of what a host process checked.
  definition: z.custom<ToolDefinition>((value) => typeof value === "object" && value !== null).optional(),
});

const changeSchema = z.strictObject({
  /** The files as they were. */
  before: z.array(fileSchema),
  /** The version that the folder is to hold. */
  after: manifestSchema,
  records: z.array(recordSchema),
});

export type Change = z.output<typeof changeSchema>;
export type ChangeRecord = z.output<typeof recordSchema>;

const NAME = "journal.json";

export class ChangeJournal {
  constructor(
    private readonly folder: string,
    private readonly report: (problem: string) => void,
  ) {}

  async read(): Promise<Change | undefined> {
    const change = await readSealed(join(this.folder, NAME), changeSchema);
    if (change !== "damaged") return change;
    await setAside(this.folder, NAME);
    this.report(
      `The record of a change of the tools that was under way is damaged and was moved aside as ${NAME}.damaged; look at the tools (banyan tools history) and roll back if one is not what it was.`,
    );
    return undefined;
  }

  begin(change: Change): Promise<void> {
    return writeSealed(join(this.folder, NAME), change);
  }

  async end(): Promise<void> {
    await removeFile(join(this.folder, NAME));
  }
}
