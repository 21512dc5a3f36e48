// Imports the secret file as a JSON module, with an import attribute.
export default {
  name: "import_canary_as_json",
  description: "Imports the secret file as a JSON module, with an import attribute",
  input: { type: "object" },
  handler: async ({ canary }) => JSON.stringify(await import(canary, { with: { type: "json" } })),
};
