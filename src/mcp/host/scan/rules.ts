// Every rule of the scan: what it forbids, why in one sentence with the way out, and what happens by default. A tool is granted nothing, so
// it is judged strictly; a plugin is installed by its user and confined by what was granted to it, so it is judged one step milder.
import type { ScanAction } from "./report.js";

export type RuleAction = ScanAction | "allow";

export interface Rule {
  readonly tool: RuleAction;
  readonly plugin: RuleAction;
  /** What it finds, for the table in the documentation. */
  readonly finds: string;
  /** What the author is told. */
  readonly reason: string;
}

const rule = (tool: RuleAction, plugin: RuleAction, finds: string, reason: string): Rule => ({
  tool,
  plugin,
  finds,
  reason,
});

export const rules = {
  syntax: rule("block", "block", "code that is not valid JavaScript or TypeScript", "The code cannot be parsed."),
  "too-large": rule(
    "block",
    "block",
    "a file of more than 256 KB",
    "The file is larger than 256 KB; split it, or pass the data as an argument.",
  ),
  "too-deep": rule(
    "block",
    "block",
    "brackets or expressions nested hundreds of levels deep",
    "The code is nested too deeply to be parsed safely; name the inner parts.",
  ),
  "too-complex": rule(
    "block",
    "ask",
    "code that cannot be followed within the scan's limit of work",
    "The code takes too much work to follow; make it plainer or split it.",
  ),
  "hidden-text": rule(
    "block",
    "ask",
    "bidirectional control characters, and names written with `\\u` escapes",
    "The code does not read as it runs; write names and text plainly.",
  ),
  "assembled-name": rule(
    "block",
    "ask",
    "a dangerous name put together from pieces, codes or escapes",
    "A name such as `constructor` or `eval` is put together at run time, which only serves to hide it; write what you need plainly.",
  ),
  obfuscated: rule(
    "block",
    "ask",
    "code in which nothing can be read: brackets and signs for names, machine-made names",
    "The code is made unreadable; submit the source that a person would read.",
  ),
  "module-not-allowed": rule(
    "block",
    "warn",
    "an import of a built-in module that reaches the system",
    "This module reaches the system, and a tool is granted nothing; take what you need as an argument.",
  ),
  "package-import": rule(
    "block",
    "allow",
    "an import of a package",
    "A tool may import only `zod`, `banyan/tool` and harmless built-in modules; copy the little you need, or write a plugin.",
  ),
  "relative-import": rule(
    "block",
    "allow",
    "an import of another file",
    "A tool is one file and is moved when it is loaded, so relative imports do not work; put everything into this file.",
  ),
  "url-import": rule(
    "block",
    "ask",
    "an import from `data:`, `http:`, `file:` and other addresses",
    "Code is not loaded from addresses, since it would not be scanned; put it into this file.",
  ),
  "import-form": rule(
    "block",
    "ask",
    "import attributes, options and phases",
    "Import attributes and phases load what the scan does not read; put data into this file as a constant.",
  ),
  "computed-import": rule(
    "block",
    "ask",
    "`import()` of anything but a literal",
    "What is imported must be a plain string in the code; import it at the top of the file.",
  ),
  "import-meta": rule(
    "block",
    "allow",
    "`import.meta` beyond `import.meta.url`",
    "`import.meta` tells of the place the file was loaded from, which is private to the host; only `import.meta.url` may be read.",
  ),
  require: rule(
    "block",
    "allow",
    "`require`, `module`, `exports` and the like",
    "Tools are ES modules and have no `require`; use `import` with an allowed module.",
  ),
  "code-from-strings": rule(
    "block",
    "ask",
    "`eval`, `Function` and timers that are given a string",
    "Code is not made from strings; write the function itself.",
  ),
  "constructor-access": rule(
    "block",
    "ask",
    "reading `.constructor` to do more than compare or name it",
    "`.constructor` leads to `Function` and so to code from strings; name the class you mean.",
  ),
  "constructor-name": rule(
    "warn",
    "allow",
    "`.constructor` that is compared, asked its name, or makes another of its own kind",
    "`.constructor` is better replaced by `instanceof` or `typeof`.",
  ),
  "global-object": rule(
    "block",
    "ask",
    "the global object as a value, and members of it that are not known",
    "The global object gives access to everything; use the one name you need, such as `Math`.",
  ),
  "computed-member": rule(
    "block",
    "ask",
    "a member that is not known of a function, `process`, `Reflect`, a module or a built-in class",
    "A computed name on this object can reach anything; write the member's name, or look it up in a table of your own.",
  ),
  "unknown-call": rule(
    "block",
    "ask",
    "calling what a twice computed member returned",
    "It cannot be seen what is called here; keep the functions in one table and call them from it.",
  ),
  process: rule(
    "block",
    "warn",
    "members of `process` that reach the system or other processes",
    "This part of `process` reaches the system or the host; a tool may use only its clock, memory and version.",
  ),
  "process-exit": rule(
    "warn",
    "allow",
    "`process.exit` and `process.exitCode`",
    "`process.exit` ends the host with all its tools; throw an error instead.",
  ),
  environment: rule(
    "warn",
    "allow",
    "reading one variable of the environment, or the command line",
    "The environment is empty in the host; take the value as an argument.",
  ),
  "environment-all": rule(
    "block",
    "warn",
    "reading the whole environment, or variables that look like secrets, or writing any",
    "The environment holds secrets and belongs to all tools; take the value as an argument.",
  ),
  "protocol-output": rule(
    "block",
    "ask",
    "writing to or reading from the standard streams",
    "Standard input and output carry the protocol; return the text, or use `console.error` for a log.",
  ),
  network: rule(
    "block",
    "allow",
    "`fetch`, `WebSocket`, `EventSource`, `XMLHttpRequest`",
    "A tool has no network; let the `fetch_url` tool get the text and take it as an argument, or write a plugin.",
  ),
  threads: rule(
    "block",
    "ask",
    "`SharedArrayBuffer`, `Atomics`, `Worker` and channels between them",
    "Shared memory and threads can hold up the host; do the work in the handler itself.",
  ),
  webassembly: rule(
    "block",
    "warn",
    "`WebAssembly`",
    "Machine code cannot be scanned; write it in JavaScript or TypeScript.",
  ),
  proto: rule(
    "block",
    "ask",
    "`__proto__`, `__lookupGetter__` and its kin, and prototypes taken out as values",
    "Prototypes are shared with every other tool; use `Object.create`, a class or a `Map`.",
  ),
  "builtin-write": rule(
    "block",
    "ask",
    "changing built-in objects, their prototypes or the global object",
    "Built-in objects are shared with every other tool; write a function of your own.",
  ),
  "own-prototype": rule(
    "warn",
    "allow",
    "adding to the prototype of a class of this file",
    "Methods are better written in the class itself.",
  ),
  reflection: rule(
    "block",
    "warn",
    "`Reflect` as a value, and listing the hidden members of built-in objects or functions",
    "Listing hidden members serves to reach what was not given; use the members you know by their names.",
  ),
  proxy: rule(
    "warn",
    "allow",
    "`Proxy`",
    "A `Proxy` hides what really happens; a plain function or a `Map` is clearer.",
  ),
  "stack-trace": rule(
    "block",
    "warn",
    "`Error.prepareStackTrace`",
    "The stack's frames lead into the host; use `error.stack` as text.",
  ),
  species: rule(
    "ask",
    "warn",
    "`Symbol.species`",
    "`Symbol.species` changes what built-in methods build; call your class by its name.",
  ),
  internals: rule(
    "block",
    "warn",
    "hidden members of built-in objects (`_handle`, `console._stdout`), and names that only serve to reach the system",
    "This member belongs to the runtime itself; use the documented ones.",
  ),
  "raw-memory": rule(
    "ask",
    "warn",
    "`Buffer.allocUnsafe` and the like",
    "The buffer would hold what others left in memory; use `Buffer.alloc`.",
  ),
  callee: rule(
    "block",
    "ask",
    "`arguments.callee`",
    "`arguments.callee` does not work in modules; give the function a name.",
  ),
  "exported-then": rule(
    "block",
    "ask",
    "an export called `then`",
    "An export called `then` would run while the module is being imported; choose another name.",
  ),
  "unknown-name": rule(
    "ask",
    "warn",
    "a global name that is neither declared nor known to be harmless",
    "This name is neither declared in this file nor one that tools may use; declare it, or pass it as an argument.",
  ),
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;

/** What is to happen for a rule, other than its default. */
export type ScanPolicy = Partial<Record<RuleName, RuleAction>>;

export const ruleNames = Object.keys(rules) as readonly RuleName[]; // keys of a literal
