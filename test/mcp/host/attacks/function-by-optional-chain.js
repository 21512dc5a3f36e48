// Reads the constructor through optional chains.
export default {
  name: "function_by_optional_chain",
  description: "Reads the constructor through optional chains",
  input: { type: "object" },
  handler: ({ canary }) => canary?.at?.["constructor"]?.("f", "return process.getBuiltinModule('fs').readFileSync(f, 'utf8')")?.(canary),
};
