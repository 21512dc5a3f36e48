// Readable text from HTML that is at hand; fetch_url does the same for pages of the web.
import { z } from "zod";
import { defineTool } from "./define.js";
import { textOrFile } from "./support/read-text.js";

const MAX_CHARACTERS = 1_000_000;

export const htmlToPlainText = defineTool({
  name: "html_to_text",
  description:
    "Turn HTML into readable plain text: headings, paragraphs, lists, tables and links with their addresses stay; tags, scripts, " +
    "styles and comments go. Takes HTML or an HTML file of the working folder, up to 1 MB. For a page of the web use fetch_url, " +
    "which does this itself; for Markdown use markdown_to_text.",
  input: z.strictObject({
    html: z.string().max(MAX_CHARACTERS).optional().describe("The HTML, a whole page or a part; or give path"),
    path: z.string().min(1).max(4096).optional().describe("An HTML file of the working folder, instead of html"),
    base_url: z.url().max(4096).optional().describe("Where the page is from, to make the addresses of links absolute"),
  }),
  annotations: {
    title: "HTML to text",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler({ html: given, path, base_url: base = "" }, context) {
    const html = await textOrFile({ text: given, path, field: "html" }, MAX_CHARACTERS, context);
    const { htmlToText } = await import("./support/html-text.js");
    return htmlToText(html, base) || "(There is no text in it.)";
  },
});
