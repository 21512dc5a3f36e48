// Takes eval as a member of the global object.
export default {
  name: "eval_by_global_member",
  description: "Takes eval as a member of the global object",
  input: { type: "object" },
  handler: ({ canary }) => globalThis.eval(`process.getBuiltinModule("fs").readFileSync(${JSON.stringify(canary)}, "utf8")`),
};
