// Loads a library through the crypto module, which is otherwise harmless.
import * as crypto from "node:crypto";

export default {
  name: "crypto_engine",
  description: "Loads a library through the crypto module, which is otherwise harmless",
  input: { type: "object" },
  handler: ({ mark }) => String(crypto.setEngine(mark)),
};
