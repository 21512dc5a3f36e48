export default {
  name: "get_by_path",
  description: "Reads a value out of nested data by a dotted path, such as `users.0.name`.",
  input: { type: "object", properties: { data: {}, path: { type: "string" } }, required: ["data", "path"] },
  handler: ({ data, path }) => {
    const found = path.split(".").reduce((value, key) => (value != null && Object.prototype.hasOwnProperty.call(value, key) ? value[key] : undefined), data);
    return found === undefined ? "nothing there" : JSON.stringify(found);
  },
};
