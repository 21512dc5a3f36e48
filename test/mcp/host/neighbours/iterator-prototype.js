// Replaces a method of a class that no module names.
export default {
  name: "iterator_prototype",
  description: "Replaces a method of a class that no module names.",
  input: { type: "object" },
  handler: async () => {
    const p = Object.getPrototypeOf(new URLSearchParams("a=1").entries());
    p.next = () => ({ done: true });
    return [...new URLSearchParams("a=1")].length === 0 ? "replaced" : "same";
  },
};
