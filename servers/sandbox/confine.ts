// For a process in which code of several authors runs that is granted nothing at all: beyond what harden.ts takes, every module of
// Node that reaches out of the process is closed, and what all code shares is made fast, so that one tool can neither listen in
// on another nor speak in its host's name. To be called once everything the host itself needs is loaded, and before any foreign
// code. V8's own objects are frozen by `--frozen-intrinsics`.
import { EventEmitter } from "node:events";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { close, closeAll, fix, type Holder, isHolder, SandboxError } from "./close.js";
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
  shareNoMemory();
  guardProcessEvents();
  // Some modules go by several names.
  const harmless = new Set(HARMLESS.map((name) => loaded(require, name)));
  for (const module of harmless) {
    if (module === undefined) continue;
    // Some parts are made when they are asked for first, out of modules that are closed by then.
    for (const key of Reflect.ownKeys(module)) Reflect.get(module, key);
    fixSettings(module);
    for (const part of [module, ...functionsIn(module), ...prototypesIn(module)]) makeFast(part);
  }
  for (const prototype of hiddenPrototypes(require)) makeFast(prototype);
  for (const name of [...builtinModules, "node:sqlite", "node:test", "node:sea"]) {
    const module = NEEDED.test(name) ? undefined : loaded(require, name);
    if (module !== undefined && !harmless.has(module)) closeAll(module, name, MEND);
  }
  close(require("node:crypto"), "crypto", ["setEngine", "setFips", "secureHeapUsed"]);
  close(
    Module,
    "module",
    [
      "createRequire",
      "_load",
      "_resolveFilename",
      "_readPackage",
      "findPackageJSON",
      "enableCompileCache",
      "setSourceMapsSupport",
    ],
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
  shareZod();
  // Some are made when they are asked for first, and take their own place then.
  for (const name of Reflect.ownKeys(globalThis)) Reflect.get(globalThis, name);
  for (const part of [...functionsIn(holder(globalThis)), ...prototypesIn(holder(globalThis))]) makeFast(part);
  for (const [name, { value, get }] of Object.entries(Object.getOwnPropertyDescriptors(globalThis))) {
    if (get === undefined) fix(holder(globalThis), name, value);
    else Object.defineProperty(globalThis, name, { configurable: false });
  }
  Object.preventExtensions(globalThis);
}

/** Small buffers are pieces of one that all code shares, messages of the protocol among it; from here on each has its own memory. */
function shareNoMemory(): void {
  fix(holder(Buffer), "poolSize", 0);
}

/** Who listens to process hears the faults of all tools, and who stops others from it ends them all. Node itself needs "exit". */
function guardProcessEvents(): void {
  const emitter = holder(EventEmitter.prototype);
  for (const name of ["on", "addListener", "prependListener", "once", "prependOnceListener", "off", "removeListener"]) {
    const original = emitter[name];
    if (typeof original !== "function") continue;
    const guarded = function (this: unknown, event: unknown, ...rest: unknown[]): unknown {
      if (this === process && event !== "exit")
        throw new SandboxError(`process.${name} is closed in this sandbox${MEND}.`);
      return Reflect.apply(original, this, [event, ...rest]);
    };
    Object.defineProperty(emitter, name, { value: guarded });
  }
  close(holder(process), "process", ["removeAllListeners", "listeners", "rawListeners", "setMaxListeners"], MEND);
  const events: unknown = Reflect.get(process, "_events");
  if (!isHolder(events)) return;
  events.uncaughtExceptionMonitor ??= undefined;
  for (const [name, listeners] of Object.entries(events)) {
    if (isHolder(listeners)) Object.freeze(listeners);
    if (name !== "exit") fix(events, name, listeners);
  }
  fix(holder(process), "_events", events);
}

/** What modules let anybody set for all: their own setters, tables that they read, and functions that serve only this. */
function fixSettings(module: Holder): void {
  for (const part of [module, ...functionsIn(module)]) {
    for (const [name, { get, set, value, configurable }] of Object.entries(Object.getOwnPropertyDescriptors(part))) {
      if (get !== undefined && set !== undefined && configurable === true)
        Object.defineProperty(part, name, { get, set: refuse(name), configurable: false });
      const isTable = isHolder(value) && !Array.isArray(value) && isPlain(value);
      if (isTable && name !== "prototype") Object.freeze(value);
    }
  }
  close(module, "stream", ["setDefaultHighWaterMark"], MEND);
  const { inspect, setMaxListeners } = module;
  if (typeof inspect === "function" && "defaultOptions" in inspect) Object.freeze(inspect.defaultOptions);
  if (typeof setMaxListeners === "function") {
    fix(module, "setMaxListeners", (count: unknown, ...targets: unknown[]) => {
      if (targets.length === 0)
        throw new SandboxError("setMaxListeners without a target is for all tools; name yours.");
      Reflect.apply(setMaxListeners, undefined, [count, ...targets]);
    });
  }
}

function refuse(name: string) {
  return () => {
    throw new SandboxError(`${name} is shared by all tools and cannot be set.`);
  };
}

/** Zod has one configuration and one registry for all that is made with it, and hooks that see every schema and value. */
function shareZod(): void {
  const { __zod_globalConfig: config, __zod_globalRegistry: registry } = holder(globalThis);
  if (isHolder(config)) Object.freeze(config);
  if (!isHolder(registry)) return;
  // It leads from names to the schemas of others; nobody asks it for one's own.
  const nothing = Object.freeze({
    set() {},
    get() {},
    has: () => false,
    delete: () => false,
    entries: () => [][Symbol.iterator](),
  });
  registry._idmap = nothing;
  Object.freeze(registry);
  makeFast(Object.getPrototypeOf(registry));
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

function functionsIn(holder: Holder): Holder[] {
  const values = Object.values(Object.getOwnPropertyDescriptors(holder)).map(({ value }) => value);
  // A function has properties like any object; its type does not say so.
  return values.filter((value: unknown) => typeof value === "function") as unknown as Holder[];
}

function isPlain(value: object): boolean {
  const above: unknown = Object.getPrototypeOf(value);
  return above === Object.prototype || above === null;
}

/** The prototypes of the classes among the properties, with those above them, read without calling a getter. */
function prototypesIn(holder: Holder): Holder[] {
  const values = Object.values(Object.getOwnPropertyDescriptors(holder)).map(({ value }) => value);
  return [...values, holder].flatMap((value: unknown) => {
    if (typeof value === "function") {
      const prototype: unknown = Object.getOwnPropertyDescriptor(value, "prototype")?.value;
      return isHolder(prototype) ? [prototype, ...above(prototype)].filter((one) => one !== Object.prototype) : [];
    }
    return isHolder(value) && !isPlain(value) ? above(value) : [];
  });
}

/** The prototypes above an object, but the one that all have. */
function above(object: object): Holder[] {
  const next: unknown = Object.getPrototypeOf(object);
  return isHolder(next) && next !== Object.prototype ? [next, ...above(next)] : [];
}

/** Those of classes that no module names: by one instance of each. */
function hiddenPrototypes(require: NodeJS.Require): Holder[] {
  const { createSecretKey, generateKeyPairSync }: typeof import("node:crypto") = require("node:crypto");
  const { createHistogram, performance }: typeof import("node:perf_hooks") = require("node:perf_hooks");
  const segments = new Intl.Segmenter().segment("a");
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const [timeout, immediate] = [setTimeout(() => {}, 0), setImmediate(() => {})];
  clearTimeout(timeout);
  clearImmediate(immediate);
  const reader = new ReadableStream().values();
  const instances = [
    timeout,
    immediate,
    segments,
    segments[Symbol.iterator](),
    new URLSearchParams().entries(),
    reader,
  ];
  const more = [
    createSecretKey(Buffer.alloc(1)),
    publicKey,
    privateKey,
    createHistogram(),
    performance,
    crypto.subtle,
    crypto,
  ];
  return [...instances, ...more].flatMap(above);
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
