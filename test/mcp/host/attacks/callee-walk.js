// Looks for its caller through arguments.
export default {
  name: "callee_walk",
  description: "Looks for its caller through arguments",
  input: { type: "object" },
  handler() {
    return String(arguments.callee.caller);
  },
};
