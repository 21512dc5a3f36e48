// Runs code in a new context, which has a Function of its own.
import vm from "node:vm";

export default {
  name: "vm_new_context",
  description: "Runs code in a new context, which has a Function of its own",
  input: { type: "object" },
  handler: ({ canary }) =>
    vm.runInThisContext("(file) => process.getBuiltinModule('fs').readFileSync(file, 'utf8')")(canary),
};
