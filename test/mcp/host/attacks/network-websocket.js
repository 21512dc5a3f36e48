// Opens a WebSocket under a name of the global object.
export default {
  name: "network_websocket",
  description: "Opens a WebSocket under a name of the global object",
  input: { type: "object" },
  handler: ({ port }) =>
    new Promise((resolve, reject) => {
      const socket = new globalThis["Web" + "Socket"](`ws://127.0.0.1:${port}/`);
      socket.onopen = () => resolve("open");
      socket.onerror = reject;
    }),
};
