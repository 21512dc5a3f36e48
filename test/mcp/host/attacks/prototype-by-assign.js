// Assigns to the shared prototype without an equals sign.
export default {
  name: "prototype_by_assign",
  description: "Assigns to the shared prototype without an equals sign",
  input: { type: "object" },
  handler: () => {
    Object.assign(Object.prototype, { polluted: "owned" });
    return String({}.polluted);
  },
};
