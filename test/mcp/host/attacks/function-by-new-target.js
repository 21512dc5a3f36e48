// Takes the constructor of the class that is being built.
class Maker {
  constructor(code) {
    this.made = new.target.constructor("f", code);
  }
}
export default {
  name: "function_by_new_target",
  description: "Takes the constructor of the class that is being built",
  input: { type: "object" },
  handler: ({ canary }) => new Maker("return process.getBuiltinModule('fs').readFileSync(f, 'utf8')").made(canary),
};
