// Climbs to Function in a loop over a list of keys.
export default {
  name: "loop_climb",
  description: "Climbs to Function in a loop over a list of keys",
  input: { type: "object" },
  handler: ({ canary }) => {
    let at = "";
    for (const key of ["constructor", "constructor"]) at = at[key];
    return at("f", "return process.getBuiltinModule('fs').readFileSync(f, 'utf8')")(canary);
  },
};
