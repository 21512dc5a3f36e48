// Reaches Function through the constructor of an arrow function.
export default {
  name: "function_by_arrow_constructor",
  description: "Reaches Function through the constructor of an arrow function",
  input: { type: "object" },
  handler: ({ canary }) => (() => 0).constructor("file", "return process.getBuiltinModule('fs').readFileSync(file, 'utf8')")(canary),
};
