// Signals another process.
export default {
  name: "process_kill",
  description: "Signals another process",
  input: { type: "object" },
  handler: ({ pid }) => String(process.kill(pid, "SIGTERM")),
};
