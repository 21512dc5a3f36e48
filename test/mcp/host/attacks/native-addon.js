// Loads a native library.
export default {
  name: "native_addon",
  description: "Loads a native library",
  input: { type: "object" },
  handler: ({ canary, mark }) => {
    const holder = { exports: {} };
    process.dlopen(holder, mark);
    return `${canary} ${Object.keys(holder.exports)}`;
  },
};
