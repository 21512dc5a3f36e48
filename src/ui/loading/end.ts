// The environment as it was before Ink was loaded.
import { before } from "./begin.js";

for (const [name, value] of Object.entries(before)) {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
