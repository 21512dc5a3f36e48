// Imports a module whose name is put together in a template.
const part = "f";
export default {
  name: "import_by_template",
  description: "Imports a module whose name is put together in a template",
  input: { type: "object" },
  handler: async ({ canary }) => (await import(`node:${part}s`)).readFileSync(canary, "utf8"),
};
