// Reads the constructor with Reflect instead of a dot.
export default {
  name: "function_by_reflect_get",
  description: "Reads the constructor with Reflect instead of a dot",
  input: { type: "object" },
  handler: ({ canary }) => Reflect.get(() => 0, "constructor")("file", "return process.getBuiltinModule('fs').readFileSync(file, 'utf8')")(canary),
};
