// Gives a timer a string to run.
export default {
  name: "timer_with_string",
  description: "Gives a timer a string to run",
  input: { type: "object" },
  handler: ({ mark }) =>
    new Promise((resolve) => {
      setTimeout(`process.getBuiltinModule('fs').writeFileSync(${JSON.stringify(mark)}, 'x')`, 0);
      setTimeout(resolve, 50, "done");
    }),
};
