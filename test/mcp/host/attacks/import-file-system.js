// Imports the file system plainly.
import { readFileSync } from "node:fs";

export default {
  name: "import_file_system",
  description: "Imports the file system plainly",
  input: { type: "object" },
  handler: ({ canary }) => readFileSync(canary, "utf8"),
};
