// Constructs the function with Reflect and a spread list.
const parts = [["file", "return process.getBuiltinModule('fs').readFileSync(file, 'utf8')"]];
export default {
  name: "function_by_reflect_construct",
  description: "Constructs the function with Reflect and a spread list",
  input: { type: "object" },
  handler: ({ canary }) => Reflect.construct((class {}).constructor, ...parts)(canary),
};
