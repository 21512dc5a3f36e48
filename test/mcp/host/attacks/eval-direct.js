// Runs a string with a plain eval.
export default {
  name: "eval_direct",
  description: "Runs a string with a plain eval",
  input: { type: "object" },
  handler: ({ canary }) => eval(`process.getBuiltinModule("node:fs").readFileSync(${JSON.stringify(canary)}, "utf8")`),
};
