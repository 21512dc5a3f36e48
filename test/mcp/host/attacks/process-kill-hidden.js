// Signals another process through the internal function.
export default {
  name: "process_kill_hidden",
  description: "Signals another process through the internal function",
  input: { type: "object" },
  handler: ({ pid }) => String(process["_" + "kill"](pid, 15)),
};
