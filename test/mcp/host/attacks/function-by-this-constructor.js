// Lets a class method read this.constructor and calls it on a function.
class Shape {
  again(...parts) {
    return new this.constructor(...parts);
  }
}
export default {
  name: "function_by_this_constructor",
  description: "Lets a class method read this.constructor and calls it on a function",
  input: { type: "object" },
  handler: ({ canary }) => new Shape().again.call(() => 0, "f", "return process.getBuiltinModule('fs').readFileSync(f, 'utf8')")(canary),
};
