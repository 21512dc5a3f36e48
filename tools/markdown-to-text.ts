// Plain text from Markdown; support/markdown-text.ts does the work and is loaded at the first call.
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { breather } from "./support/breathe.js";
import { textOrFile } from "./support/read-text.js";

const MAX_CHARACTERS = 500_000;

export const markdownToText = defineTool({
  name: "markdown_to_text",
  description:
    "Turn Markdown into plain text as people read it: headings, paragraphs, lists, tables and code stay, marks such as ** and # go, " +
    "links become text with the address behind. Takes Markdown or a Markdown file of the working folder, up to 500,000 " +
    "characters. To see the Markdown itself use read_file; for HTML use html_to_text.",
  input: z.strictObject({
    text: z.string().max(MAX_CHARACTERS).optional().describe("The Markdown; or give path"),
    path: z.string().min(1).max(4096).optional().describe("A Markdown file of the working folder, instead of text"),
  }),
  annotations: {
    title: "Markdown to text",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler(args, context) {
    const markdown = await textOrFile(args, 4 * MAX_CHARACTERS, context);
    if (markdown.length > MAX_CHARACTERS) throw new ToolError("The Markdown is over 500,000 characters; give a part.");
    const { markdownSections } = await import("./support/markdown-text.js");
    const breathe = breather(context.signal);
    const parts: string[] = [];
    for (const part of markdownSections(markdown)) {
      if (part !== "") parts.push(part);
      await breathe();
    }
    return parts.join("\n\n") || "(There is no text in it.)";
  },
});
