// Runs machine code that no scan of text can read.
const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
export default {
  name: "webassembly_module",
  description: "Runs machine code that no scan of text can read",
  input: { type: "object" },
  handler: async () => {
    const { instance } = await WebAssembly.instantiate(bytes);
    return `ran ${Object.keys(instance.exports).length}`;
  },
};
