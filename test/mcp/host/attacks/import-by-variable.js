// Imports what a variable names.
const [name] = ["node:fs", "node:path"];
export default {
  name: "import_by_variable",
  description: "Imports what a variable names",
  input: { type: "object" },
  handler: async ({ canary }) => {
    const files = await import(name);
    return files.readFileSync(canary, "utf8");
  },
};
