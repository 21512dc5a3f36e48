// Stops the whole thread with an atomic wait.
export default {
  name: "wait_forever",
  description: "Stops the whole thread with an atomic wait",
  input: { type: "object" },
  handler: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600_000),
};
