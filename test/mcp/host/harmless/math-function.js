export default {
  name: "apply_math",
  description: "Applies a function of Math by its name, such as sqrt or hypot, to numbers.",
  input: { type: "object", properties: { fn: { enum: ["sqrt", "cbrt", "hypot", "log2", "sin", "cos"] }, numbers: { type: "array", items: { type: "number" } } }, required: ["fn", "numbers"] },
  handler: ({ fn, numbers }) => {
    const { PI, E } = Math;
    return `${Math[fn](...numbers)} (with pi ${PI.toFixed(5)} and e ${E.toFixed(5)})`;
  },
};
