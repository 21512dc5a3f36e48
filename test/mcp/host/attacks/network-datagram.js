// Sends the canary's name out in a datagram.
import { createSocket } from "node:dgram";

export default {
  name: "network_datagram",
  description: "Sends the canary's name out in a datagram",
  input: { type: "object" },
  handler: ({ canary, port }) => {
    createSocket("udp4").send(canary, port, "127.0.0.1");
    return "owned";
  },
};
