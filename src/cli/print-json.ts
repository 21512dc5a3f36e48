// A command's result as JSON on stdout.
import { plainJson } from "../supervision/index.js";

export function printJson(value: unknown): void {
  process.stdout.write(`${plainJson(JSON.stringify(value, null, 2))}\n`);
}
