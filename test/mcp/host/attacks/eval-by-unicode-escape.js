// Writes the name eval with a unicode escape, which the language reads as the same name.
export default {
  name: "eval_by_unicode_escape",
  description: "Writes the name eval with a unicode escape, which the language reads as the same name",
  input: { type: "object" },
  handler: ({ canary }) => (0, \u0065val)(`process.getBuiltinModule("fs").readFileSync(${JSON.stringify(canary)}, "utf8")`),
};
