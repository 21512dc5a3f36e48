// Uses the old accessor functions to get at the prototype.
export default {
  name: "prototype_by_legacy_accessor",
  description: "Uses the old accessor functions to get at the prototype",
  input: { type: "object" },
  handler: () => {
    const read = {}.__lookupGetter__("__proto__");
    read.call({}).polluted = "owned";
    return String({}.polluted);
  },
};
