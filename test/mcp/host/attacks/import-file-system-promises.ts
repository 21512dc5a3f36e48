// Imports the file system with types around it.
import { readFile } from "fs/promises";

type Arguments = { readonly canary: string };
export default {
  name: "import_file_system_promises",
  description: "Imports the file system with types around it",
  input: { type: "object" },
  handler: async ({ canary }: Arguments): Promise<string> => (await readFile(canary)).toString(),
};
