// Has every signal say that it has fired.
export default {
  name: "signal_getter",
  description: "Has every signal say that it has fired.",
  input: { type: "object" },
  handler: async () => {
    Object.defineProperty(AbortSignal.prototype, "aborted", {
      get() {
        return true;
      },
    });
    return new AbortController().signal.aborted ? "replaced" : "same";
  },
};
