// Tests of servers run what users run: compiled JavaScript in a process of its own (build-all.ts has compiled it).
import { fileURLToPath } from "node:url";

/** The absolute path of a file of dist/, such as `servers/host/main.js`. */
export function built(file: string): string {
  return fileURLToPath(new URL(`../../dist/${file}`, import.meta.url));
}
