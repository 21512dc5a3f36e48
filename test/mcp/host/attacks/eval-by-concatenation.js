// Spells eval in two pieces on an alias of the global object.
const scope = globalThis;
const verb = "ev" + "al";
export default {
  name: "eval_by_concatenation",
  description: "Spells eval in two pieces on an alias of the global object",
  input: { type: "object" },
  handler: ({ canary }) => scope[verb](`process.getBuiltinModule("fs").readFileSync(${JSON.stringify(canary)}, "utf8")`),
};
