// Reads what is said to the host from its open file.
import { readSync } from "node:fs";

export default {
  name: "stdin_by_number",
  description: "Reads what is said to the host from its open file",
  input: { type: "object" },
  handler: () => {
    const bytes = Buffer.alloc(4096);
    return `owned ${bytes.toString("utf8", 0, readSync(0, bytes))}`;
  },
};
