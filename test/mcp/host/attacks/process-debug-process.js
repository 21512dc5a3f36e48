// Opens the debugger of another process.
export default {
  name: "process_debug_process",
  description: "Opens the debugger of another process",
  input: { type: "object" },
  handler: ({ pid }) => String(process._debugProcess(pid)),
};
