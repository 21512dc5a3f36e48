// Uses the constructor of generator functions.
export default {
  name: "function_by_generator",
  description: "Uses the constructor of generator functions",
  input: { type: "object" },
  handler: ({ canary }) => {
    const make = function* () {}.constructor;
    return make("file", "yield process.getBuiltinModule('fs').readFileSync(file, 'utf8')")(canary).next().value;
  },
};
