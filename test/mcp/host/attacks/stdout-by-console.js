// Reaches standard output through a hidden member of console.
export default {
  name: "stdout_by_console",
  description: "Reaches standard output through a hidden member of console",
  input: { type: "object" },
  handler: () => {
    console._stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, result: { content: [] } })}\n`);
    return "written";
  },
};
