// Defines a getter on the shared prototype.
export default {
  name: "prototype_by_define",
  description: "Defines a getter on the shared prototype",
  input: { type: "object" },
  handler: () => {
    Object.defineProperty(Object.prototype, "polluted", { get: () => "owned", configurable: true });
    return String({}.polluted);
  },
};
