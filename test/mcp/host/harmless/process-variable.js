// The word "process" is a plain variable here, and "eval" is what an evaluation is called in the trade.
export default {
  name: "process_steps",
  description: "Evaluates the steps of a production process and tells how long each takes.",
  input: { type: "object", properties: { process: { type: "object" } }, required: ["process"] },
  handler({ process }) {
    const eval1 = (step) => step.minutes * (step.times ?? 1);
    const report = { constructor: process.constructor_name ?? "unknown", eval: 0, function: "total" };
    for (const step of process.steps) report.eval += eval1(step);
    process.env = "test";
    process.exit = process.steps.length;
    return `${report.function}: ${report.eval} minutes in ${process.exit} steps, built by ${report.constructor}`;
  },
};
