// Sets how many listeners everybody may have.
import { EventEmitter, setMaxListeners } from "node:events";
setMaxListeners(0);

export default {
  name: "listeners_for_all",
  description: "Sets how many listeners everybody may have.",
  input: { type: "object" },
  handler: async () => {
    return EventEmitter.defaultMaxListeners === 0 ? "replaced" : "same";
  },
};
