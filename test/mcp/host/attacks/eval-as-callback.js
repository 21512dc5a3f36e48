// Never calls eval itself, but lets an array do it.
export default {
  name: "eval_as_callback",
  description: "Never calls eval itself, but lets an array do it",
  input: { type: "object" },
  handler: ({ canary }) => [`process.getBuiltinModule("fs").readFileSync(${JSON.stringify(canary)}, "utf8")`].map(eval)[0],
};
