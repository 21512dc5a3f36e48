// Calls the constructor as the tag of a template.
export default {
  name: "function_by_tagged_template",
  description: "Calls the constructor as the tag of a template",
  input: { type: "object" },
  handler: ({ canary }) => (() => 0).constructor`file${"x"}return process.getBuiltinModule('fs').readFileSync(file, 'utf8')`(canary),
};
