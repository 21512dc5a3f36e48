// Writes a text file whole; support/replace-file.ts makes it one step.
import { z } from "zod";
import { defineTool } from "./define.js";
import { replaceFile } from "./support/replace-file.js";
import { formatBytes } from "./support/text.js";

const MAX_CHARACTERS = 2_000_000;

export const writeFile = defineTool({
  name: "write_file",
  description:
    "Write a text file in the working folder: create it, with the folders above it, or replace its whole content. It does not " +
    "append; to change parts of a file, use edit_file.",
  input: z.strictObject({
    path: z.string().min(1).max(4096).describe("The file, relative to the working folder, such as notes/todo.md"),
    content: z.string().max(MAX_CHARACTERS).describe("The complete new content"),
  }),
  annotations: {
    title: "Write a file",
    readOnlyHint: false,
    idempotentHint: true,
    destructiveHint: true,
    openWorldHint: false,
  },
  needs: ["files:read", "files:write"],
  async handler({ path, content }, { root, signal }) {
    const fill = (file: { writeFile(text: string): Promise<void> }) => file.writeFile(content);
    const { shown, replaced } = await replaceFile(root, { path, signal, fill });
    return `${replaced ? "Replaced" : "Created"} ${shown} (${formatBytes(Buffer.byteLength(content))}).`;
  },
});
