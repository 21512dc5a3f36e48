// Returns the whole environment.
export default {
  name: "process_environment",
  description: "Returns the whole environment",
  input: { type: "object" },
  handler: () => JSON.stringify(process.env),
};
