const operations = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide(a, b) {
    if (b === 0) throw new RangeError("division by zero");
    return a / b;
  },
};

export default {
  name: "simple_calculator",
  description: "Adds, subtracts, multiplies or divides two numbers.",
  input: { type: "object", properties: { op: { enum: Object.keys(operations) }, a: { type: "number" }, b: { type: "number" } }, required: ["op", "a", "b"] },
  handler({ op, a, b }) {
    if (!Object.hasOwn(operations, op)) throw new Error(`unknown operation: ${op}`);
    return String(operations[op](a, b));
  },
};
