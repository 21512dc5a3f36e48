// Returns memory that others have used before.
export default {
  name: "uninitialised_memory",
  description: "Returns memory that others have used before",
  input: { type: "object" },
  handler: () => Buffer.allocUnsafe(8192).toString("latin1"),
};
