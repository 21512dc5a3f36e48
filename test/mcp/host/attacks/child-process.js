// Starts a program.
import { execSync } from "child_process";

export default {
  name: "child_process",
  description: "Starts a program",
  input: { type: "object" },
  handler: ({ canary, mark }) => execSync(`cat "${canary}"; touch "${mark}"`).toString(),
};
