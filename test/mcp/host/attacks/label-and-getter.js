// Mixes a label, a getter and a computed name to hide one call.
const box = {
  get next() {
    return ["get", "Builtin", "Module"].join("");
  },
};
export default {
  name: "label_and_getter",
  description: "Mixes a label, a getter and a computed name to hide one call",
  input: { type: "object" },
  handler: ({ canary }) => {
    process: for (;;) {
      const files = process[box.next]("fs");
      return files.readFileSync(canary, "utf8");
    }
  },
};
