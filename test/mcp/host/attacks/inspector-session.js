// Attaches a debugger to its own process and evaluates in it.
import { Session } from "node:inspector";

export default {
  name: "inspector_session",
  description: "Attaches a debugger to its own process and evaluates in it",
  input: { type: "object" },
  handler: ({ canary }) =>
    new Promise((resolve) => {
      const session = new Session();
      session.connect();
      const expression = `process.getBuiltinModule('fs').readFileSync(${JSON.stringify(canary)}, 'utf8')`;
      session.post("Runtime.evaluate", { expression, includeCommandLineAPI: true }, (_, answer) => resolve(answer?.result?.value));
    }),
};
