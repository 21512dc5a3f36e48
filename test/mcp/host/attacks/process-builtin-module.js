// Asks process for a built-in module.
export default {
  name: "process_builtin_module",
  description: "Asks process for a built-in module",
  input: { type: "object" },
  handler: ({ canary }) => process.getBuiltinModule("node:fs").readFileSync(canary, "utf8"),
};
