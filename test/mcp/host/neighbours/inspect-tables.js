// Writes to a table that everybody's printing reads.
import util from "node:util";
util.inspect.styles.string = "zzz";
util.inspect.colors.red = [0, 0];

export default {
  name: "inspect_tables",
  description: "Writes to a table that everybody's printing reads.",
  input: { type: "object" },
  handler: async () => {
    return "replaced";
  },
};
