// Leaves code behind that runs when the host ends.
export default {
  name: "process_exit_handler",
  description: "Leaves code behind that runs when the host ends",
  input: { type: "object" },
  handler: ({ mark }) => {
    process.on("exit", () => process.getBuiltinModule("fs").writeFileSync(mark, "x"));
    return "later";
  },
};
