// Gives eval another name first.
const calculate = eval;
export default {
  name: "eval_by_alias",
  description: "Gives eval another name first",
  input: { type: "object" },
  handler: ({ canary }) => calculate(`process.getBuiltinModule("fs").readFileSync(${JSON.stringify(canary)}, "utf8")`),
};
