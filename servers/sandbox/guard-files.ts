// Node's permission model judges paths, not files that are open already, and stdin and stdout are: the protocol. So no function of
// fs takes their numbers any more. (The functions cannot all be closed: the loader of modules calls them by their names.)
import fs from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { close, fix, type Holder, SandboxError } from "./close.js";

const STREAMS = [
  "createReadStream",
  "createWriteStream",
  "ReadStream",
  "WriteStream",
  "FileReadStream",
  "FileWriteStream",
  "Utf8Stream",
];
/** They follow a path without asking, and so would tell of any path whether it exists. */
const FOLLOW = ["realpath", "realpathSync"];
const LAST_STANDARD = 2;

export function guardOpenFiles(): void {
  // The exports of a module are an object of functions; its type does not say that they can be replaced.
  const modules = [fs, fs.promises].map((module) => module as unknown as Holder);
  for (const module of modules) {
    close(module, "fs", STREAMS);
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(module))) {
      const isClass = typeof value === "function" && /^[A-Z]/.test(name);
      if (typeof value === "function" && !isClass) fix(module, name, guarded(value, FOLLOW.includes(name)));
    }
  }
}

type Anything = (this: unknown, ...args: unknown[]) => unknown;

function guarded(original: Anything, follows: boolean): Anything {
  const may = process.permission.has.bind(process.permission);
  const guard: Anything = function (...args) {
    const [file] = args;
    if (typeof file === "number" && file <= LAST_STANDARD)
      throw new SandboxError("The standard streams are the protocol's.");
    if (follows) {
      const path = resolve(file instanceof URL ? fileURLToPath(file) : String(file));
      if (!may("fs.read", path)) throw new SandboxError(`${path.slice(0, 200)} is not this process's to read.`);
    }
    return Reflect.apply(original, this, args);
  };
  // Such as what `promisify` finds; `realpath.native` asks for leave itself.
  const { length, name, prototype, ...more } = Object.getOwnPropertyDescriptors(
    original as Anything & { prototype?: unknown },
  );
  return Object.defineProperties(guard, more);
}
