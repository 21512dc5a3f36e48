// Writes to the prototype of all objects through __proto__.
export default {
  name: "prototype_by_proto_key",
  description: "Writes to the prototype of all objects through __proto__",
  input: { type: "object" },
  handler: () => {
    const empty = {};
    empty.__proto__.polluted = "owned";
    return String({}.polluted);
  },
};
