// Puts the word __proto__ together before using it.
const key = `__${["proto", ""].join("__")}`;
export default {
  name: "prototype_by_computed_proto",
  description: "Puts the word __proto__ together before using it",
  input: { type: "object" },
  handler: () => {
    const empty = {};
    empty[key].polluted = "owned";
    return String({}.polluted);
  },
};
