const describe = (value) => {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  if (value.constructor === Object) return `object with ${Object.keys(value).length} keys`;
  return Object.prototype.toString.call(value).slice(8, -1) || value.constructor?.name;
};

export default {
  name: "describe_json",
  description: "Describes the shape of JSON: which types stand where.",
  input: { type: "object", properties: { json: { type: "string" } }, required: ["json"] },
  handler({ json }) {
    const lines = [];
    const walk = (value, path) => {
      lines.push(`${path}: ${describe(value)}`);
      if (value && typeof value === "object") for (const key of Object.keys(value)) walk(value[key], `${path}.${key}`);
    };
    walk(JSON.parse(json), "$");
    return lines.join("\n");
  },
};
