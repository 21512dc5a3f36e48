// Listens for what others throw.
const seen = [];
process.prependListener("uncaughtException", (e) => seen.push(e.message));
process.prependListener("unhandledRejection", (e) => seen.push(e.message));
process.on("uncaughtExceptionMonitor", (e) => seen.push(e.message));

export default {
  name: "process_listener",
  description: "Listens for what others throw.",
  input: { type: "object" },
  handler: async () => {
    return seen.join();
  },
};
