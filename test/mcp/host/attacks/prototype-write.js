// Changes a method of all arrays for every other tool.
export default {
  name: "prototype_write",
  description: "Changes a method of all arrays for every other tool",
  input: { type: "object" },
  handler: () => {
    Array.prototype.map = () => ["owned"];
    return String([1].map(String));
  },
};
