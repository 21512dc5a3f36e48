// Fills mustache templates from JSON; support/mustache.ts keeps it safe.
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { textOrFile } from "./support/read-text.js";

const MAX_CHARACTERS = 100_000;

export const template = defineTool({
  name: "template",
  description:
    "Fill a mustache template with JSON data: {{name}} and {{a.b}} for values, {{#list}}…{{/list}} once for each item or if true, " +
    "{{^list}}…{{/list}} if empty or false, {{.}} for the item itself, {{! comment}}. For letters, reports, code and configuration. " +
    "No partials and no code. Values are put in as they are unless html is set. Missing values become nothing and are told, or an " +
    "error with strict.",
  input: z.strictObject({
    template: z.string().max(MAX_CHARACTERS).optional().describe("The template; or give path"),
    path: z.string().min(1).max(4096).optional().describe("A template file of the working folder, instead of template"),
    data: z.record(z.string(), z.unknown()).default({}).describe("The values by their names: any JSON object"),
    strict: z.boolean().default(false).describe("Fail if the template asks for a value that data has not"),
    html: z.boolean().default(false).describe("Escape values for HTML; {{{name}}} puts one in as it is"),
  }),
  annotations: {
    title: "Fill a template",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler({ template: given, path, data, strict, html }, context) {
    const source = await textOrFile({ text: given, path, field: "template" }, 4 * MAX_CHARACTERS, context);
    if (source.length > MAX_CHARACTERS)
      throw new ToolError("The template is over 100,000 characters; fill it in parts.");
    const { fillTemplate } = await import("./support/mustache.js");
    const { text, missing } = fillTemplate(source, data, html);
    if (missing.length === 0) return text;
    const names = missing
      .slice(0, 20)
      .map((name) => name.slice(0, 100))
      .join(", ");
    if (strict) throw new ToolError(`data has no value for ${names}; add it or set strict to false.`);
    return [text, `(Not in data: ${names}.)`];
  },
});
