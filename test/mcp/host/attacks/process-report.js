// Has the runtime write a report, with the environment in it, to a file of its choice.
export default {
  name: "process_report",
  description: "Has the runtime write a report, with the environment in it, to a file of its choice",
  input: { type: "object" },
  handler: ({ mark }) => {
    process.report.directory = "/";
    return process.report.writeReport(mark);
  },
};
