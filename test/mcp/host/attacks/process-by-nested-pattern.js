// Takes one function of process out by nested patterns.
const {
  process: { getBuiltinModule: take },
} = globalThis;
export default {
  name: "process_by_nested_pattern",
  description: "Takes one function of process out by nested patterns",
  input: { type: "object" },
  handler: ({ canary }) => take("fs").readFileSync(canary, "utf8"),
};
