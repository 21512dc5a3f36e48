// Opens the root folder for a WASI program.
import { WASI } from "node:wasi";

export default {
  name: "wasi_folder",
  description: "Opens the root folder for a WASI program",
  input: { type: "object" },
  handler: ({ canary }) => Object.keys(new WASI({ version: "preview1", preopens: { "/": "/" } }).wasiImport).join() + canary.length,
};
