// Gets the constructor of async functions, which no name leads to.
export default {
  name: "function_by_prototype_chain",
  description: "Gets the constructor of async functions, which no name leads to",
  input: { type: "object" },
  handler: async ({ canary }) => {
    const make = Object.getPrototypeOf(async () => 0).constructor;
    return make("file", "return (await import('node:fs')).readFileSync(file, 'utf8')")(canary);
  },
};
