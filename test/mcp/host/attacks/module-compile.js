// Compiles a text the way files of the older module system are compiled, which no switch forbids.
import { Module } from "node:module";

export default {
  name: "module_compile",
  description: "Compiles a text the way files of the older module system are compiled, which no switch forbids",
  input: { type: "object" },
  handler: () => {
    const module = new Module("/tool.js");
    module._compile("module.exports = 'owned'", "/tool.js");
    return module.exports;
  },
};
