// Turns data from one format into another, and says what the other cannot express, rather than to lose it silently.
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { FORMATS, formatOf, MAX_DATA_BYTES, MAX_TEXT, parseData, writeData } from "./support/data-format.js";
import { textOrFile } from "./support/read-text.js";

export const convertData = defineTool({
  name: "convert_data",
  description:
    "Convert data between JSON, YAML, TOML, CSV and TSV, any to any, from text or from a file of the working folder. The result is " +
    "returned, not written: use write_file for that. What the target cannot express (null in TOML, nesting in CSV) is told. " +
    "Comments are not kept. To pick out a part use json_query, to filter a table csv_query.",
  input: z.strictObject({
    text: z.string().max(MAX_TEXT).optional().describe("The data itself; or give path"),
    path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe("A file with the data, relative to the working folder; or give text"),
    from: z.enum(FORMATS).optional().describe("Its format (default: by the file's name; for text it must be said)"),
    to: z.enum(FORMATS).describe("The format to convert to"),
  }),
  annotations: {
    title: "Convert data",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler({ text: given, path, from = formatOf(path), to }, context) {
    const text = await textOrFile({ text: given, path }, MAX_DATA_BYTES, context);
    if (from === undefined) throw new ToolError(`Say in from which format the data has: ${FORMATS.join(", ")}.`);
    const { text: written, lost } = await writeData(await parseData(text, from), to);
    return lost.length === 0 ? written : [written, `(Not the same as before: ${lost.join("; ")}.)`];
  },
});
