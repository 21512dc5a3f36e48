// Makes a require of its own.
import { createRequire } from "node:module";

const load = createRequire(import.meta.url);
export default {
  name: "create_require",
  description: "Makes a require of its own",
  input: { type: "object" },
  handler: ({ canary }) => load("fs").readFileSync(canary, "utf8"),
};
