// Replaces a method of an object that is made when it is asked for first.
export default {
  name: "web_crypto_prototype",
  description: "Replaces a method of an object that is made when it is asked for first.",
  input: { type: "object" },
  handler: async () => {
    const p = Object.getPrototypeOf(crypto.subtle);
    const real = p.digest;
    p.digest = async () => new ArrayBuffer(3);
    return p.digest === real ? "same" : "replaced";
  },
};
