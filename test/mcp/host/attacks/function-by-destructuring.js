// Takes the constructor out of a function by a pattern.
export default {
  name: "function_by_destructuring",
  description: "Takes the constructor out of a function by a pattern",
  input: { type: "object" },
  handler: ({ canary }) => {
    const { constructor: make } = () => 0;
    return make("file", "return process.getBuiltinModule('fs').readFileSync(file, 'utf8')")(canary);
  },
};
