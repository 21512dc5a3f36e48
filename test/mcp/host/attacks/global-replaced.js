// Puts a function of its own in place of a global one.
export default {
  name: "global_replaced",
  description: "Puts a function of its own in place of a global one",
  input: { type: "object" },
  handler: () => {
    globalThis.setTimeout = (fn) => fn();
    return "replaced";
  },
};
