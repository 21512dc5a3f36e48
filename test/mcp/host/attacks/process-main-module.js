// Takes require from the main module.
export default {
  name: "process_main_module",
  description: "Takes require from the main module",
  input: { type: "object" },
  handler: ({ canary }) => process.mainModule.require("fs").readFileSync(canary, "utf8"),
};
