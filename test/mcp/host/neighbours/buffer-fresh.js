// Reads fresh memory that others have let go of.
export default {
  name: "buffer_fresh",
  description: "Reads fresh memory that others have let go of.",
  input: { type: "object" },
  handler: async () => {
    let t = "";
    for (let i = 0; i < 200; i++) t += Buffer.allocUnsafeSlow(4096).toString("latin1");
    for (let i = 0; i < 200; i++) t += Buffer.allocUnsafe(512).toString("latin1");
    const u = t.replace(/\0+/g, "");
    return u.length > 0 ? "owned " + u.replace(/[^ -~]+/g, " ").slice(0, 2000) : "zero";
  },
};
