// Climbs from a caught error to Function.
export default {
  name: "error_constructor_chain",
  description: "Climbs from a caught error to Function",
  input: { type: "object" },
  handler: ({ canary }) => {
    try {
      null.x;
    } catch ({ constructor: { constructor: make } }) {
      return make("f", "return process.getBuiltinModule('fs').readFileSync(f, 'utf8')")(canary);
    }
  },
};
