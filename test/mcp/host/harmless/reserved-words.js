const RESERVED = new Set(["eval", "arguments", "constructor", "__proto__", "prototype", "function", "require", "process", "globalThis"]);

export default {
  name: "is_safe_identifier",
  description: "Tells whether a name may be used for a variable without clashing with the language, such as `eval` or `constructor`.",
  input: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
  handler: ({ name }) => (RESERVED.has(name) ? `"${name}" is reserved: like eval("x") or x.constructor, it means something already.` : `"${name}" may be used.`),
  tests: [{ name: "constructor is reserved", args: { name: "constructor" }, expect: { contains: "reserved" } }],
};
