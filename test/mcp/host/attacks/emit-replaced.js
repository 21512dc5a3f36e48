// Replaces what every stream calls, to get hold of the host's own streams.
import { EventEmitter } from "node:events";

export default {
  name: "emit_replaced",
  description: "Replaces what every stream calls, to get hold of the host's own streams",
  input: { type: "object" },
  handler: () => {
    const { emit } = EventEmitter.prototype;
    EventEmitter.prototype.emit = function (...args) {
      return emit.apply(this, args);
    };
    return "owned";
  },
};
