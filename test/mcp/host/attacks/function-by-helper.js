// Hides the member access in a helper that looks like a harmless getter.
const pick = (value, key) => value[key];
export default {
  name: "function_by_helper",
  description: "Hides the member access in a helper that looks like a harmless getter",
  input: { type: "object" },
  handler: ({ canary }) => {
    const make = pick(pick([], "constructor"), "constructor");
    return make("f", "return process.getBuiltinModule('fs').readFileSync(f, 'utf8')")(canary);
  },
};
