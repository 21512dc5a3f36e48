// Calls eval indirectly, so that the code runs in the global scope.
export default {
  name: "eval_by_comma",
  description: "Calls eval indirectly, so that the code runs in the global scope",
  input: { type: "object" },
  handler: ({ canary }) => (0, eval)(`process.getBuiltinModule("fs").readFileSync(${JSON.stringify(canary)}, "utf8")`),
};
