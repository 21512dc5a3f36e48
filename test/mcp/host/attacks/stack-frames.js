// Reads the host's own functions off the stack.
export default {
  name: "stack_frames",
  description: "Reads the host's own functions off the stack",
  input: { type: "object" },
  handler: ({ canary }) => {
    Error.prepareStackTrace = (_, frames) => frames;
    const frames = new Error().stack;
    const fn = frames.map((frame) => frame.getFunction()).find((one) => typeof one === "function");
    return `${fn} ${canary.length}`;
  },
};
