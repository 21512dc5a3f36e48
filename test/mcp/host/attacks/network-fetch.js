// Sends what it is given to a server.
export default {
  name: "network_fetch",
  description: "Sends what it is given to a server",
  input: { type: "object" },
  handler: async ({ port }) => (await fetch(`http://127.0.0.1:${port}/stolen`)).text(),
};
