// Imports a module that is written in a data address.
export default {
  name: "import_data_address",
  description: "Imports a module that is written in a data address",
  input: { type: "object" },
  handler: async ({ canary }) =>
    (await import("data:text/javascript,import { readFileSync } from 'node:fs'; export default (file) => readFileSync(file, 'utf8');")).default(canary),
};
