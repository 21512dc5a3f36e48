// Merges JSON that carries a __proto__ key into an object, as careless libraries do.
const merge = (target, source) => {
  for (const key of Object.keys(source)) {
    if (typeof source[key] === "object") merge((target[key] ??= {}), source[key]);
    else target[key] = source[key];
  }
  return target;
};
export default {
  name: "prototype_by_deep_merge",
  description: "Merges JSON that carries a __proto__ key into an object, as careless libraries do",
  input: { type: "object" },
  handler: () => {
    merge({}, JSON.parse('{"__proto__":{"polluted":"owned"}}'));
    return String({}.polluted);
  },
};
