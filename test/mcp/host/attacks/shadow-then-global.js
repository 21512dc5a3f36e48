// Declares a local process in one block and uses the real one in the next.
export default {
  name: "shadow_then_global",
  description: "Declares a local process in one block and uses the real one in the next",
  input: { type: "object" },
  handler: ({ canary }) => {
    {
      const process = { getBuiltinModule: () => ({ readFileSync: () => "harmless" }) };
      process.getBuiltinModule("fs");
    }
    return process.getBuiltinModule("fs").readFileSync(canary, "utf8");
  },
};
