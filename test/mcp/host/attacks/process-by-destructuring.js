// Takes process out of the global object by a pattern.
const { process: host } = globalThis;
export default {
  name: "process_by_destructuring",
  description: "Takes process out of the global object by a pattern",
  input: { type: "object" },
  handler: ({ canary }) => host.getBuiltinModule("fs").readFileSync(canary, "utf8"),
};
