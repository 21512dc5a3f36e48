// Switches on engine functions that are off for good reason.
import v8 from "node:v8";

export default {
  name: "engine_flags",
  description: "Switches on engine functions that are off for good reason",
  input: { type: "object" },
  handler: ({ canary }) => {
    v8.setFlagsFromString("--allow-natives-syntax");
    return new Function("file", "return process.getBuiltinModule('fs').readFileSync(file, 'utf8')")(canary);
  },
};
