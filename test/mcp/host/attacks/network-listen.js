// Opens a door of its own on this machine.
import { createServer } from "node:net";

export default {
  name: "network_listen",
  description: "Opens a door of its own on this machine",
  input: { type: "object" },
  handler: () => new Promise((resolve) => createServer().listen(0, () => resolve("owned"))),
};
