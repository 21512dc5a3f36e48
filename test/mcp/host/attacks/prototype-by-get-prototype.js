// Walks up from an empty array and writes there.
export default {
  name: "prototype_by_get_prototype",
  description: "Walks up from an empty array and writes there",
  input: { type: "object" },
  handler: () => {
    const shared = Object.getPrototypeOf([]);
    shared.polluted = "owned";
    return String([].polluted);
  },
};
