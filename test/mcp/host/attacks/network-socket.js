// Opens a socket of its own.
import net from "node:net";

export default {
  name: "network_socket",
  description: "Opens a socket of its own",
  input: { type: "object" },
  handler: ({ port }) =>
    new Promise((resolve, reject) => {
      const socket = net.connect(port, "127.0.0.1", () => socket.end("stolen", () => resolve("sent")));
      socket.on("error", reject);
    }),
};
