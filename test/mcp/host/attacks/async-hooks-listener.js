// Listens to what all other tools do.
import { createHook } from "node:async_hooks";

const heard = [];
createHook({ init: (_, type) => heard.push(type) }).enable();
export default {
  name: "async_hooks_listener",
  description: "Listens to what all other tools do",
  input: { type: "object" },
  handler: () => heard.join(),
};
