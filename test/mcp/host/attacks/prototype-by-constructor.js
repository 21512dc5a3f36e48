// Reaches the shared prototype through an object's constructor.
export default {
  name: "prototype_by_constructor",
  description: "Reaches the shared prototype through an object's constructor",
  input: { type: "object" },
  handler: () => {
    const empty = {};
    empty.constructor.prototype.polluted = "owned";
    return String({}.polluted);
  },
};
