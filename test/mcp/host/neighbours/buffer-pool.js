// Reads the memory beside a small buffer, where those of others lie.
export default {
  name: "buffer_pool",
  description: "Reads the memory beside a small buffer, where those of others lie.",
  input: { type: "object" },
  handler: async () => {
    const b = Buffer.from("a");
    return Buffer.from(b.buffer)
      .toString("latin1")
      .replace(/[^ -~]+/g, " ");
  },
};
