// Listens to the host's own input.
export default {
  name: "stdin_takeover",
  description: "Listens to the host's own input",
  input: { type: "object" },
  handler: () =>
    new Promise((resolve) => {
      process.stdin.once("data", (data) => resolve(String(data)));
    }),
};
