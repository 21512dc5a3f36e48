// Uses the runtime's own file binding.
export default {
  name: "process_binding",
  description: "Uses the runtime's own file binding",
  input: { type: "object" },
  handler: ({ canary }) => {
    const files = process.binding("fs");
    return Buffer.from(files.readFileUtf8?.(canary, 0) ?? files.internalModuleReadJSON(canary)[0]).toString();
  },
};
