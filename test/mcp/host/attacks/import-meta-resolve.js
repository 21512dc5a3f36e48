// Asks where the host's files are, and reads one beside them.
export default {
  name: "import_meta_resolve",
  description: "Asks where the host's files are, and reads one beside them",
  input: { type: "object" },
  handler: async ({ canary }) => {
    const here = import.meta.resolve("./main.js");
    return `${here} ${(await import("node:fs")).readFileSync(canary, "utf8")}`;
  },
};
