// For a process in which code of several authors runs that is granted nothing at all: beyond what harden.ts takes, every module of
// Node that reaches out of the process is closed, and what all code shares is made fast, so that one tool can neither listen in
// on another nor speak in its host's name. To be called once everything the host itself needs is loaded, and before any foreign
// code. V8's own objects are frozen by `--frozen-intrinsics`.
import { createRequire, syncBuiltinESMExports } from "node:module";
import { close, closeAll, fix, type Holder, isHolder } from "./close.js";
import { guardOpenFiles } from "./guard-files.js";

/** What a tool may import: they compute, and hold nothing that leads out. */
const HARMLESS = [
  ...["assert", "assert/strict", "buffer", "crypto", "events", "path", "path/posix", "path/win32", "perf_hooks"],
  ...["punycode", "querystring", "stream", "stream/consumers", "stream/promises", "stream/web", "string_decoder"],
  ...["timers", "timers/promises", "url", "util", "util/types", "zlib"],
];
/** What loads tools, what streams are made with, and the harmless by other names. Of these that alone is closed which reaches out. */
const NEEDED = /^(module|process|console|constants|fs|fs\/promises|async_hooks|diagnostics_channel|_stream_.*)$/;
/** Threads and machine code, whose memory nothing bounds, and what is of use with a network alone. */
const GONE = [
  ...["WebAssembly", "SharedArrayBuffer", "Worker", "BroadcastChannel", "MessageChannel"],
  ...["Request", "Response", "Headers", "FormData", "CloseEvent", "localStorage", "sessionStorage"],
];
const MEND = "; a tool is granted no more than computing";

export function confine(): void {
  const require = createRequire(import.meta.url);
  const { builtinModules, Module } = require("node:module");
  guardOpenFiles();
  // Some modules go by several names.
  const harmless = new Set(HARMLESS.map((name) => loaded(require, name)));
  for (const module of harmless) {
    if (module === undefined) continue;
    // Some parts are made when they are asked for first, out of modules that are closed by then.
    for (const key of Reflect.ownKeys(module)) Reflect.get(module, key);
    for (const part of [module, ...prototypesIn(module)]) makeFast(part);
  }
  for (const name of [...builtinModules, "node:sqlite", "node:test", "node:sea"]) {
    const module = NEEDED.test(name) ? undefined : loaded(require, name);
    if (module !== undefined && !harmless.has(module)) closeAll(module, name, MEND);
  }
  close(require("node:crypto"), "crypto", ["setEngine", "setFips", "secureHeapUsed"]);
  close(
    Module,
    "module",
    ["createRequire", "_load", "_resolveFilename", "findPackageJSON", "enableCompileCache", "setSourceMapsSupport"],
    MEND,
  );
  close(Module.prototype, "module", ["_compile", "load", "require"], MEND);
  const ours = holder(process);
  close(
    ours,
    "process",
    ["kill", "chdir", "dlopen", "loadEnvFile", "setUncaughtExceptionCaptureCallback", "setSourceMapsEnabled"],
    MEND,
  );
  fix(ours, "env", Object.freeze({ ...process.env }));
  fix(ours, "argv", Object.freeze([process.argv0]));
  fix(ours, "execArgv", Object.freeze([]));
  for (const [name, { value, configurable }] of Object.entries(Object.getOwnPropertyDescriptors(ours))) {
    // Node itself writes to those with a low line.
    if (typeof value === "function" && configurable === true && !name.startsWith("_")) fix(ours, name, value);
  }
  for (const name of GONE) {
    Reflect.deleteProperty(globalThis, name);
  }
  syncBuiltinESMExports();
  for (const prototype of prototypesIn(holder(globalThis))) makeFast(prototype);
  // Some are made when they are asked for first, and take their own place then.
  for (const name of Reflect.ownKeys(globalThis)) Reflect.get(globalThis, name);
  for (const [name, { value, get }] of Object.entries(Object.getOwnPropertyDescriptors(globalThis))) {
    if (get === undefined) fix(holder(globalThis), name, value);
    else Object.defineProperty(globalThis, name, { configurable: false });
  }
}

// The exports of a module and process are objects like any others; their types do not say that all of it can be replaced.
const holder = (object: object) => object as Holder;

function loaded(require: NodeJS.Require, name: string): Holder | undefined {
  try {
    const module: unknown = require(name);
    // Some modules are functions with properties.
    return (typeof module === "object" || typeof module === "function") && module !== null
      ? (module as Holder)
      : undefined;
  } catch {
    return undefined; // this version has it not
  }
}

/** The prototypes of the classes among the properties, read without calling a getter. */
function prototypesIn(holder: Holder): Holder[] {
  const values = Object.values(Object.getOwnPropertyDescriptors(holder)).map(({ value }) => value);
  return [...values, holder].flatMap((value: unknown) => {
    const prototype: unknown =
      typeof value === "function" ? Object.getOwnPropertyDescriptor(value, "prototype")?.value : undefined;
    return isHolder(prototype) && prototype !== Object.prototype ? [prototype] : [];
  });
}

/**
 * Makes the functions of a shared object fast, and lets what derives from it have its own of the same name all the same: a frozen
 * property would forbid even that. Properties that are no functions stay, for instances of Node's classes are begun by them.
 */
function makeFast(shared: Holder): void {
  if (!Object.isExtensible(shared)) return;
  for (const name of Reflect.ownKeys(shared)) {
    const { value, configurable, enumerable = false } = Object.getOwnPropertyDescriptor(shared, name) ?? {};
    if (configurable !== true) continue;
    if (typeof value !== "function") {
      if (value === undefined) Object.defineProperty(shared, name, { configurable: false });
      continue;
    }
    const set = function (this: object, own: unknown) {
      if (this === shared) throw new TypeError(`${String(name)} is shared by all tools and cannot be replaced.`);
      Object.defineProperty(this, name, { value: own, writable: true, enumerable: true, configurable: true });
    };
    Object.defineProperty(shared, name, { get: () => value, set, enumerable, configurable: false });
  }
  Object.preventExtensions(shared);
}
