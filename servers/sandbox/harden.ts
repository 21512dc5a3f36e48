// Loaded before a program that runs somebody else's code (`node --import …/harden.js`): takes away what Node's flags leave open.
// Its grants come in the variable BANYAN_SANDBOX, which it removes; without it nothing is granted. What it takes is gone for
// JavaScript that runs after it in this process and for the threads this process starts. It does not reach: programs that are
// started (whoever may start them is not confined), native addons (the same), time and memory used, `process.exit`, and the
// files that were open before.
import { createRequire, syncBuiltinESMExports } from "node:module";
import { close, closeAll, type Holder } from "./close.js";
import { guardNetwork } from "./guard-network.js";
import { guardThreads } from "./guard-threads.js";
import { takeGrants } from "./own-grants.js";

const require = createRequire(import.meta.url);
const grants = takeGrants();

/** Modules that run code from strings, watch this process from inside or write files past the permission model. */
const CLOSED = [
  "vm",
  "inspector",
  "inspector/promises",
  "wasi",
  "trace_events",
  "node:test",
  "node:test/reporters",
  "node:sqlite",
];
const CLOSED_IN_PROCESS = [
  "abort",
  "binding",
  "_linkedBinding",
  "getBuiltinModule",
  "execve",
  "_debugProcess",
  "_debugEnd",
  "_kill",
  "_getActiveHandles",
  "_getActiveRequests",
  "setuid",
  "seteuid",
  "setgid",
  "setegid",
  "setgroups",
  "initgroups",
  "umask",
  "mainModule",
];

// With it the inner parts of a granted connection would be in reach, and with these any other connection. Modules that need it
// (domain and repl) cannot be loaded any more, so it comes first.
close(require("node:async_hooks"), "async_hooks", ["createHook", "executionAsyncResource"]);
// process is an object like any other; its type says which properties may be written, and here all are.
const ours = process as unknown as Holder;
close(ours, "process", CLOSED_IN_PROCESS);
close(ours, "process", ["report"]);
if (!grants.addons) close(ours, "process", ["dlopen"]);
if (!grants.run) {
  close(ours, "process", ["kill"]);
  close(require("node:os"), "os", ["setPriority"]);
  closeAll(require("node:child_process"), "child_process");
  closeAll(require("node:cluster"), "cluster");
}
// Node 20 makes itself a second context, by vm, the first time that a reader lets go of its stream.
new ReadableStream().getReader().releaseLock();
for (const name of CLOSED) {
  const module = builtin(name);
  if (module !== undefined) closeAll(module, name.replace("node:", ""));
}
close(require("node:v8"), "v8", [
  "setFlagsFromString",
  "setHeapSnapshotNearHeapLimit",
  "startupSnapshot",
  "writeHeapSnapshot",
]);
close(require("node:module"), "module", ["register", "registerHooks", "_debug", "runMain"]);
Object.preventExtensions(Object.prototype);
guardNetwork(grants.net);
guardThreads(grants);
syncBuiltinESMExports();

/** A built-in module of this version of Node. */
function builtin(name: string): Holder | undefined {
  try {
    return require(name.startsWith("node:") ? name : `node:${name}`);
  } catch {
    return undefined;
  }
}
