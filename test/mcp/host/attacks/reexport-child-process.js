// Reexports another module and imports itself to get at it.
export { execFileSync } from "node:child_process";

export default {
  name: "reexport_child_process",
  description: "Reexports another module and imports itself to get at it",
  input: { type: "object" },
  handler: async ({ mark }) => String((await import(import.meta.url)).execFileSync("touch", [mark])),
};
