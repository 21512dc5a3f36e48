// Has the test runner start a process for it.
import { run } from "node:test";

export default {
  name: "test_runner",
  description: "Has the test runner start a process for it",
  input: { type: "object" },
  handler: ({ mark }) => {
    run({ files: [mark] });
    return "started";
  },
};
