// Walks the path constructor.constructor with reduce.
export default {
  name: "function_by_reduce",
  description: "Walks the path constructor.constructor with reduce",
  input: { type: "object" },
  handler: ({ canary }) => {
    const make = "constructor.constructor".split(".").reduce((value, key) => value[key], {});
    return make("f", "return process.getBuiltinModule('fs').readFileSync(f, 'utf8')")(canary);
  },
};
