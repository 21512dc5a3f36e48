// Builds a function from text.
export default {
  name: "function_constructor",
  description: "Builds a function from text",
  input: { type: "object" },
  handler: ({ canary }) => new Function("file", "return process.getBuiltinModule('fs').readFileSync(file, 'utf8')")(canary),
};
