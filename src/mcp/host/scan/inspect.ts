// The rules, applied to a module's nodes: what it imports, which global names it mentions, which members it reads and writes, what it calls.
// Two ideas carry it. A global name is harmless only if it is on the list of harmless ones. And a member with an unknown name is
// harmless on data, but not on an object from which everything else can be reached.
import { isBuiltin } from "node:module";
import { isText, type Known } from "./fold.js";
import {
  consoleMembers,
  dangerousGlobals,
  dangerousMembers,
  globalObjects,
  guardedObjects,
  harmlessGlobals,
  hiddenNames,
  judgeImport,
  legacyAccessors,
  plainTables,
  processMembers,
  reflectMembers,
  secretVariable,
  telltaleMembers,
} from "./names.js";
import type { RuleName } from "./rules.js";
import type { Scopes, Taken } from "./scope.js";
import { bare, isFunction, type Node, outer, type Syntax } from "./syntax.js";
import { called, memberName, type Value } from "./value.js";
import { Values } from "./values.js";

export type Report = (rule: RuleName, at: Node) => void;

/** How a value is used where it stands. */
type Use = "read" | "write" | "call" | "new" | "compare" | "member";

export function inspect(syntax: Syntax, scopes: Scopes, report: Report): void {
  const inspection = new Inspection(syntax, scopes, report);
  for (const node of syntax.nodes) inspection.node(node);
  for (const taken of scopes.taken) inspection.taken(taken);
  inspection.whole();
}

class Inspection {
  readonly #syntax: Syntax;
  readonly #scopes: Scopes;
  readonly #report: Report;
  readonly #values: Values;
  #rebinds: boolean | undefined;

  constructor(syntax: Syntax, scopes: Scopes, report: Report) {
    this.#syntax = syntax;
    this.#scopes = scopes;
    this.#report = report;
    this.#values = new Values(syntax, scopes);
  }

  node(node: Node): void {
    switch (node.type) {
      case "ImportDeclaration":
      case "ExportAllDeclaration":
        this.#import(node.source.value, node);
        if (node.attributes.length > 0 || ("phase" in node && node.phase !== null)) this.#report("import-form", node);
        if (node.type === "ExportAllDeclaration" && node.exported !== null) this.#exported(node.exported);
        break;
      case "ImportSpecifier":
        this.#named(node.imported, node);
        break;
      case "ExportSpecifier":
        this.#named(node.local, node);
        break;
      case "ExportNamedDeclaration":
        if (node.source !== null) this.#import(node.source.value, node);
        if (node.attributes.length > 0) this.#report("import-form", node);
        for (const specifier of node.specifiers) this.#exported(specifier.exported);
        if (node.declaration !== null) this.#declared(node.declaration);
        break;
      case "ImportExpression":
        this.#dynamicImport(node);
        break;
      case "TSImportEqualsDeclaration":
      case "TSExportAssignment":
        this.#report("require", node);
        break;
      case "MetaProperty":
        if (node.meta.name === "import") this.#importMeta(node);
        break;
      case "Identifier":
        this.#identifier(node);
        break;
      case "MemberExpression":
        this.#member(node);
        break;
      case "CallExpression":
      case "NewExpression":
        this.#call(node);
        this.#assembled(node);
        break;
      case "TaggedTemplateExpression":
        if (this.#values.of(node.tag).some((value) => value.is === "unknown" && value.steps >= called))
          this.#report("unknown-call", node);
        this.#assembled(node);
        break;
      case "BinaryExpression":
      case "TemplateLiteral":
      case "Literal":
        this.#assembled(node);
        break;
      case "ObjectExpression":
        for (const property of node.properties)
          if (
            property.type === "Property" &&
            property.kind === "init" &&
            !property.computed &&
            !property.method &&
            !property.shorthand
          ) {
            const key =
              property.key.type === "Literal"
                ? property.key.value
                : property.key.type === "Identifier"
                  ? property.key.name
                  : "";
            const value = bare(property.value);
            if (key === "__proto__" && !(value.type === "Literal" && value.value === null))
              this.#report("proto", property);
          }
        break;
      case "WithStatement":
        this.#report("computed-member", node);
        break;
    }
  }

  /** What only shows when the module is looked at as a whole. */
  whole(): void {
    let signs = 0;
    const machineNames = new Set<string>();
    for (const node of this.#syntax.nodes) {
      if (node.type === "UnaryExpression" && ["!", "+", "~", "-"].includes(node.operator)) {
        const argument = bare(node.argument);
        if (argument.type === "ArrayExpression" || argument.type === "ObjectExpression") signs++;
      }
      if (node.type === "Identifier" && /^_0x[\da-f]{3,}$/i.test(node.name)) machineNames.add(node.name);
      const first = this.#syntax.nodes[0] ?? node;
      if (signs === 8 || machineNames.size === 5) {
        this.#report("obfuscated", signs === 8 ? node : first);
        break;
      }
    }
    const start = this.#syntax.nodes[0];
    if (this.#values.exhausted && start !== undefined) this.#report("too-complex", start);
  }

  // --- imports and exports ------------------------------------------------------------------------------------------

  #import(specifier: string, at: Node): void {
    const verdict = judgeImport(specifier, isBuiltin);
    if (verdict !== "allowed") this.#report(verdict, at);
  }

  /** A single export of a module, some of which reach further than the rest. */
  #named(name: Node, at: Node): void {
    const statement = this.#syntax.parents.get(at);
    if (statement === undefined || !("source" in statement) || statement.source?.type !== "Literal") return;
    const module = String(statement.source.value).replace(/^(?!node:)/, "node:");
    const imported = name.type === "Literal" ? String(name.value) : name.type === "Identifier" ? name.name : "";
    const rule = dangerousMembers.get(`${module}.${imported}`);
    if (rule !== undefined) this.#report(rule, at);
  }

  #dynamicImport(node: Extract<Node, { type: "ImportExpression" }>): void {
    const source = bare(node.source);
    if (node.options !== null || node.phase !== null) this.#report("import-form", node);
    if (source.type === "Literal" && isText(constant(source))) this.#import(String(constant(source)), node);
    else this.#report("computed-import", node);
  }

  #importMeta(node: Node): void {
    const { parent } = outer(this.#syntax, node);
    const plainUrl =
      parent?.type === "MemberExpression" &&
      !parent.computed &&
      parent.property.type === "Identifier" &&
      parent.property.name === "url";
    if (!plainUrl || this.#use(parent) === "write") this.#report("import-meta", parent ?? node);
  }

  #exported(name: Node): void {
    if ((name.type === "Identifier" && name.name === "then") || (name.type === "Literal" && name.value === "then"))
      this.#report("exported-then", name);
  }

  #declared(declaration: Node): void {
    if (declaration.type === "VariableDeclaration") {
      // Patterns may hold the name anywhere, so every name of the declaration counts.
      for (const { id } of declaration.declarations) if (id.type === "Identifier") this.#exported(id);
      for (const { id } of declaration.declarations)
        if (id.type === "ObjectPattern")
          for (const property of id.properties) if (property.type === "Property") this.#exported(property.value);
    } else if ((isFunction(declaration) || declaration.type === "ClassDeclaration") && declaration.id !== null)
      this.#exported(declaration.id);
  }

  // --- names --------------------------------------------------------------------------------------------------------

  #identifier(node: Extract<Node, { type: "Identifier" }>): void {
    const written = this.#syntax.source.slice(node.start, node.end);
    if (written.includes("\\u") && !written.startsWith(node.name)) this.#report("hidden-text", node);
    if (this.#scopes.meaning.has(node) && this.#scopes.meaning.get(node) === undefined) this.#global(node.name, node);
  }

  /** A global name is mentioned, by itself or as a member of the global object. */
  #global(name: string, at: Node): void {
    const use = this.#use(at);
    if (use === "write") {
      if (name !== "arguments")
        this.#report(
          harmlessGlobals.has(name) || dangerousGlobals.has(name) || name === "process"
            ? "builtin-write"
            : "unknown-name",
          at,
        );
      return;
    }
    const path = globalObjects.has(name) ? "globalThis" : name;
    if (guardedObjects.has(path)) {
      this.#guarded(path, at, use);
      return;
    }
    const rule = dangerousGlobals.get(name);
    if (rule !== undefined) {
      if (use !== "compare") this.#report(rule, at);
      return;
    }
    if (!harmlessGlobals.has(name) && use !== "compare") this.#report("unknown-name", at);
  }

  /** The objects that everything else can be reached from may only be asked for a member, on the spot. */
  #guarded(path: string, at: Node, use: Use): void {
    if (use === "member" || use === "compare" || use === "write") return;
    const { parent, child } = outer(this.#syntax, at);
    if (parent?.type === "VariableDeclarator" && parent.init === child && parent.id.type === "ObjectPattern") return;
    this.#escaped(path, at);
  }

  #escaped(path: string, at: Node): void {
    if (path === "globalThis") this.#report("global-object", at);
    else if (path === "Reflect") this.#report("reflection", at);
    else if (path === "process") this.#report("process", at);
    else if (path === "process.env") this.#report("environment-all", at);
    else this.#report("protocol-output", at);
  }

  // --- members ------------------------------------------------------------------------------------------------------

  #member(node: Extract<Node, { type: "MemberExpression" }>): void {
    if (node.property.type === "PrivateIdentifier") return;
    const use = this.#use(node);
    const keys = this.#values.key(node.property, node.computed);
    const bases = this.#values.of(node.object);
    const object = bare(node.object);
    if (object.type === "Identifier" && object.name === "arguments" && keys.some((key) => nameOf(key) === "callee"))
      this.#report("callee", node);
    this.#access(bases, keys, use, node, object);
    if (use === "write") this.#write(bases, keys, object, node);
  }

  /** `const { constructor } = value` reads a member as well. */
  taken({ property, from }: Taken): void {
    const bases = this.#values.taken(from);
    if (property.type !== "Property") {
      for (const base of bases)
        if (base.is === "path" && guardedObjects.has(base.path)) this.#escaped(base.path, property);
      return;
    }
    const keys = this.#values.key(property.key, property.computed);
    this.#access(bases, keys, "read", property, undefined);
  }

  #access(bases: readonly Value[], keys: readonly Value[], use: Use, at: Node, object: Node | undefined): void {
    for (const key of keys) {
      const name = nameOf(key);
      if (name === undefined) {
        if (key.is !== "number" && !(key.is === "path" && key.path.startsWith("Symbol.")))
          for (const base of bases) this.#unknownMember(base, key, use, at, object);
        if (key.is === "path" && key.path === "Symbol.species") this.#report("species", at);
        continue;
      }
      if (legacyAccessors.has(name)) this.#report("proto", at);
      if (telltaleMembers.has(name)) this.#report("internals", at);
      if (name === "constructor") this.#constructorRead(bases, use, at, object);
      if (name === "prepareStackTrace") this.#report("stack-trace", at);
      for (const base of bases) if (base.is === "path") this.#builtinMember(base.path, name, use, at);
    }
  }

  #builtinMember(base: string, name: string, use: Use, at: Node): void {
    const path = `${base}.${name}`;
    const listed = dangerousMembers.get(path);
    if (listed !== undefined) this.#report(listed, at);
    if (base === "globalThis") {
      if (use !== "write") this.#global(name, at);
    } else if (base === "process") this.#processMember(name, use, at);
    else if (base === "process.env") this.#environment(name, use, at);
    else if (base === "process.stderr" && (name !== "write" || use !== "call")) this.#report("protocol-output", at);
    else if (base === "Reflect" && (use !== "call" || !reflectMembers.has(name))) this.#report("reflection", at);
    else if (base === "console" && use !== "write" && !consoleMembers.has(name)) this.#report("internals", at);
    else if (name === "prototype" && use !== "write") this.#prototype(at, use);
    else if (sensitive.has(path) && use !== "call" && !this.#isAlias(at)) this.#report("reflection", at);
  }

  #processMember(name: string, use: Use, at: Node): void {
    if (name === "exit" || name === "exitCode") this.#report("process-exit", at);
    else if (["argv", "argv0", "execArgv", "execPath"].includes(name) && use !== "write")
      this.#report("environment", at);
    else if (name === "stdin" || name === "stdout") this.#report("protocol-output", at);
    else if (name === "env" || name === "stderr") {
      if (use === "write") this.#report("environment-all", at);
      else if (at.type === "Property") {
        const pattern = bare(at.value);
        if (pattern.type !== "ObjectPattern") this.#escaped(`process.${name}`, at);
      } else this.#guarded(`process.${name}`, at, use);
    } else if (!processMembers.has(name)) this.#report("process", at);
  }

  #environment(name: string, use: Use, at: Node): void {
    this.#report(use === "write" || secretVariable.test(name) ? "environment-all" : "environment", at);
  }

  /** Built-in prototypes may be asked for a method or compared, but not be handed on. */
  #prototype(at: Node, use: Use): void {
    if (use === "compare" || use === "member") return;
    if (this.#isArgument(at, 0, "Object.create") || this.#isArgument(at, 1, "Object.setPrototypeOf")) return;
    this.#report("proto", at);
  }

  #constructorRead(bases: readonly Value[], use: Use, at: Node, object: Node | undefined): void {
    const own = (base: Value) =>
      base.is === "object" &&
      base.node.properties.some(
        (one) =>
          one.type === "Property" &&
          one.key.type !== "PrivateIdentifier" &&
          this.#values.key(one.key, one.computed).some((key) => nameOf(key) === "constructor"),
      );
    if (bases.length > 0 && bases.every(own)) return;
    if (use === "write" && this.#namesItself(at)) return;
    if (use === "compare") {
      this.#report("constructor-name", at);
      return;
    }
    const { parent, child } = outer(this.#syntax, at);
    if (
      use === "member" &&
      parent?.type === "MemberExpression" &&
      parent.object === child &&
      this.#use(parent) !== "write"
    ) {
      const next = this.#values.key(parent.property, parent.computed).map(nameOf);
      const ofThis = object?.type === "ThisExpression";
      if (
        next.length > 0 &&
        next.every((name) => name === "name" || (ofThis && name !== undefined && !leadsOn.has(name)))
      ) {
        this.#report("constructor-name", at);
        return;
      }
    }
    const made = use === "new" && parent?.type === "NewExpression" ? parent.arguments : undefined;
    const copies =
      made?.length === 0 ||
      (object?.type === "ThisExpression" && made !== undefined && this.#makesItsOwnKind(at, made));
    this.#report(copies ? "constructor-name" : "constructor-access", at);
  }

  /** `Square.prototype.constructor = Square`, as classes were made once. */
  #namesItself(at: Node): boolean {
    const { parent, child } = outer(this.#syntax, at);
    if (parent?.type !== "AssignmentExpression" || parent.operator !== "=" || parent.left !== child) return false;
    if (at.type !== "MemberExpression" || at.object.type !== "MemberExpression" || at.object.computed) return false;
    const [owner, value] = [at.object.object, parent.right];
    if (owner.type !== "Identifier" || value.type !== "Identifier" || owner.name !== value.name) return false;
    return at.object.property.type === "Identifier" && at.object.property.name === "prototype";
  }

  /** `new this.constructor(x, y)` in a class whose methods are nowhere given another `this`. */
  #makesItsOwnKind(at: Node, given: readonly Node[]): boolean {
    if (given.some((argument) => argument.type === "SpreadElement")) return false;
    this.#rebinds ??= this.#syntax.nodes.some(
      (node) =>
        (node.type === "Identifier" &&
          ["call", "apply", "bind", "prototype", "Reflect", "setPrototypeOf"].includes(node.name)) ||
        (node.type === "MemberExpression" &&
          node.computed &&
          !this.#values.of(node.property).every((key) => key.is === "number" || nameOf(key) !== undefined)),
    );
    for (let up = this.#syntax.parents.get(at); up !== undefined; up = this.#syntax.parents.get(up))
      if (up.type === "MethodDefinition") return !up.static && !this.#rebinds;
    return false;
  }

  /** A member whose name is not known. */
  #unknownMember(base: Value, key: Value, use: Use, at: Node, object: Node | undefined): void {
    switch (base.is) {
      case "path":
        if (
          plainTables.has(base.path) ||
          base.path === "arguments" ||
          /\.(constants|codes|types|versions)$/.test(base.path)
        )
          return;
        if (base.path === "console" && use === "call") return;
        if (base.path === "process.env") this.#report("environment-all", at);
        else if (!guardedObjects.has(base.path) && !base.path.startsWith("node:") && isHarmlessPart(key)) return;
        else this.#report("computed-member", at);
        return;
      case "function": {
        const node = base.node;
        if (isHarmlessPart(key) || use === "write") return;
        const table =
          (node?.type === "ClassDeclaration" || node?.type === "ClassExpression") &&
          node.body.body.some((one) => "static" in one && one.static);
        if (!table) this.#report("computed-member", at);
        return;
      }
      case "object":
        if (base.node.properties.length === 0 && object === base.node && !isHarmlessPart(key))
          this.#report("computed-member", at);
        return;
      case "known":
      case "list":
      case "unknown": {
        // On a bare `[]`, `""`, `1` or `/x/` there is nothing to look up but what is built in.
        const bareLiteral =
          (object?.type === "Literal" && (constant(object) === "" || !isText(constant(object)))) ||
          (object?.type === "ArrayExpression" && object.elements.length === 0);
        if (bareLiteral && !isHarmlessPart(key)) this.#report("computed-member", at);
        return;
      }
    }
  }

  #write(bases: readonly Value[], keys: readonly Value[], object: Node, at: Node): void {
    const names = keys.map(nameOf);
    const ofPrototype =
      object.type === "MemberExpression" &&
      this.#values.key(object.property, object.computed).some((key) => nameOf(key) === "prototype");
    if (ofPrototype && object.type === "MemberExpression") {
      const owners = this.#values.of(object.object);
      this.#report(
        owners.every((owner) => owner.is === "function" && owner.node !== undefined)
          ? "own-prototype"
          : "builtin-write",
        at,
      );
      return;
    }
    for (const base of bases) {
      if (base.is === "path") {
        if (base.path === "arguments" || base.path === "process.env" || isOwnExports(base.path)) continue;
        if (base.path === "process" && names.includes("exitCode")) continue;
        if (base.path === "Error" && names.includes("stackTraceLimit")) continue;
        this.#report("builtin-write", at);
      } else if (base.is === "function" && names.includes("prototype")) this.#report("own-prototype", at);
    }
  }

  // --- calls --------------------------------------------------------------------------------------------------------

  #call(node: Extract<Node, { type: "CallExpression" | "NewExpression" }>): void {
    const targets = this.#values.of(node.callee);
    if (targets.some((value) => value.is === "unknown" && value.steps >= called)) this.#report("unknown-call", node);
    for (const target of targets) if (target.is === "path") this.#builtinCall(target.path, node);
  }

  #builtinCall(path: string, node: Extract<Node, { type: "CallExpression" | "NewExpression" }>): void {
    const [first, second] = node.arguments;
    const subject = first === undefined ? [] : this.#values.of(first);
    switch (path) {
      case "setTimeout":
      case "setInterval":
      case "setImmediate":
        if (subject.some((value) => value.is === "part" || (value.is === "known" && isText(value.value))))
          this.#report("code-from-strings", node);
        break;
      case "require":
        for (const value of subject) if (value.is === "known" && isText(value.value)) this.#import(value.value, node);
        if (first !== undefined && !subject.every((value) => value.is === "known" && isText(value.value)))
          this.#report("computed-import", node);
        break;
      case "JSON.parse":
        if (
          subject.some(
            (value) => value.is === "known" && isText(value.value) && /"(__proto__|constructor)"\s*:/.test(value.value),
          )
        )
          this.#report("proto", node);
        break;
      case "Object.getPrototypeOf":
      case "Reflect.getPrototypeOf":
        if (!this.#onlyCompared(node) && !this.#isArgument(node, 0, "Object.create")) this.#report("proto", node);
        break;
      case "Object.setPrototypeOf":
      case "Reflect.setPrototypeOf": {
        const onto = first === undefined ? undefined : bare(first);
        const to = second === undefined ? undefined : bare(second);
        const harmless =
          onto?.type === "ThisExpression" ||
          onto?.type === "ObjectExpression" ||
          (to?.type === "Literal" && to.value === null);
        if (!harmless || subject.some((value) => value.is === "path" || value.is === "function"))
          this.#report("proto", node);
        break;
      }
      case "Object.assign":
      case "Object.defineProperty":
      case "Object.defineProperties":
      case "Object.freeze":
      case "Object.seal":
      case "Object.preventExtensions":
      case "Reflect.defineProperty":
      case "Reflect.deleteProperty":
      case "Reflect.preventExtensions":
      case "Reflect.set":
        this.#changed(first, second, path, node);
        break;
      case "Object.getOwnPropertyNames":
      case "Object.getOwnPropertySymbols":
      case "Object.getOwnPropertyDescriptors":
      case "Object.getOwnPropertyDescriptor":
      case "Reflect.ownKeys":
      case "Reflect.getOwnPropertyDescriptor":
        if (
          subject.some((value) => value.is === "path" || value.is === "function") ||
          (this.#isPrototype(first) && !this.#isOwnPrototype(first))
        )
          this.#report("reflection", node);
        break;
    }
    const reads = path === "Reflect.get" || path.endsWith(".getOwnPropertyDescriptor");
    if (reads && first !== undefined && second !== undefined)
      this.#access(subject, this.#values.of(second), "read", node, bare(first));
  }

  #changed(first: Node | undefined, second: Node | undefined, path: string, at: Node): void {
    if (first === undefined) return;
    const subject = this.#values.of(first);
    if (subject.some((value) => value.is === "path" && !isOwnExports(value.path))) this.#report("builtin-write", at);
    else if (this.#isPrototype(first)) {
      const member = bare(first);
      const owners = member.type === "MemberExpression" ? this.#values.of(member.object) : [];
      this.#report(
        owners.length > 0 && owners.every((owner) => owner.is === "function" && owner.node !== undefined)
          ? "own-prototype"
          : "builtin-write",
        at,
      );
    }
    if (second === undefined || path === "Object.assign") return;
    if (this.#values.of(second).some((key) => ["__proto__", "constructor"].includes(nameOf(key) ?? "")))
      this.#report("proto", at);
  }

  /** `Command.prototype`, where `Command` is a class or function of this module. */
  #isOwnPrototype(node: Node | undefined): boolean {
    const member = node === undefined ? undefined : bare(node);
    if (member?.type !== "MemberExpression" || bare(member.object).type !== "Identifier") return false;
    return this.#values.of(member.object).every((owner) => owner.is === "function" && owner.node !== undefined);
  }

  #isPrototype(node: Node | undefined): boolean {
    if (node === undefined) return false;
    const expression = bare(node);
    if (expression.type === "CallExpression")
      return this.#calls(expression, "Object.getPrototypeOf") || this.#calls(expression, "Reflect.getPrototypeOf");
    return (
      expression.type === "MemberExpression" &&
      this.#values.key(expression.property, expression.computed).some((key) => nameOf(key) === "prototype")
    );
  }

  #calls(node: Extract<Node, { type: "CallExpression" }>, path: string): boolean {
    return this.#values.of(node.callee).some((value) => value.is === "path" && value.path === path);
  }

  /** Whether a value is only compared or tested: on the spot, or through a constant. */
  #onlyCompared(node: Node): boolean {
    if (this.#use(node) === "compare") return true;
    const { parent, child } = outer(this.#syntax, node);
    if (parent?.type !== "VariableDeclarator" || parent.init !== child || parent.id.type !== "Identifier") return false;
    for (const binding of new Set(this.#scopes.meaning.values()))
      if (
        binding?.origins.some(
          (origin) => origin.from === "expression" && bare(origin.node) === node && origin.steps.length === 0,
        )
      )
        return binding.references.every((reference) => this.#use(reference) === "compare");
    return true;
  }

  #isArgument(node: Node, index: number, path: string): boolean {
    const { parent, child } = outer(this.#syntax, node);
    return parent?.type === "CallExpression" && parent.arguments[index] === child && this.#calls(parent, path);
  }

  /** `[Map, Set].includes(value)`: the value, or one of the list, is only compared. */
  #isSoughtInList(parent: Node | undefined, child: Node): boolean {
    if (parent?.type === "ArrayExpression") {
      const member = outer(this.#syntax, parent);
      const call = member.parent === undefined ? undefined : outer(this.#syntax, member.parent);
      if (member.parent?.type !== "MemberExpression" || call?.parent?.type !== "CallExpression") return false;
      return call.parent.callee === call.child && isSearch(member.parent);
    }
    if (parent?.type !== "CallExpression" || parent.arguments[0] !== child) return false;
    const callee = bare(parent.callee);
    return callee.type === "MemberExpression" && isSearch(callee) && bare(callee.object).type === "ArrayExpression";
  }

  /** `const read = Object.getOwnPropertyDescriptor`: its calls are followed. */
  #isAlias(at: Node): boolean {
    if (at.type === "Property") return true;
    const { parent, child } = outer(this.#syntax, at);
    return parent?.type === "VariableDeclarator" && parent.init === child && parent.id.type === "Identifier";
  }

  // --- text ---------------------------------------------------------------------------------------------------------

  #assembled(node: Node): void {
    for (const value of this.#values.of(node))
      if (value.is === "known" && value.assembled && holdsHidden(value.value)) this.#report("assembled-name", node);
  }

  // --- use ----------------------------------------------------------------------------------------------------------

  #use(node: Node | undefined): Use {
    if (node === undefined || node.type === "Property") return "read";
    const { parent, child } = outer(this.#syntax, node);
    switch (parent?.type) {
      case "AssignmentExpression":
        return parent.left === child ? "write" : "read";
      case "UpdateExpression":
        return "write";
      case "UnaryExpression":
        if (parent.operator === "delete") return "write";
        return parent.operator === "typeof" || parent.operator === "!" ? "compare" : "read";
      case "ForOfStatement":
      case "ForInStatement":
        return parent.left === child ? "write" : "read";
      case "ArrayPattern":
      case "RestElement":
        return "write";
      case "AssignmentPattern":
        return parent.left === child ? "write" : "read";
      case "Property": {
        const holder = this.#syntax.parents.get(parent);
        return holder?.type === "ObjectPattern" && parent.value === child ? "write" : "read";
      }
      case "CallExpression":
        if (parent.callee === child) return "call";
        return this.#isSoughtInList(parent, child) ? "compare" : "read";
      case "NewExpression":
        return parent.callee === child ? "new" : "read";
      case "TaggedTemplateExpression":
        return parent.tag === child ? "call" : "read";
      case "MemberExpression":
        return parent.object === child ? "member" : "read";
      case "BinaryExpression":
        return ["==", "===", "!=", "!==", "instanceof", "in"].includes(parent.operator) ? "compare" : "read";
      case "SwitchStatement":
      case "SwitchCase":
      case "IfStatement":
        return "compare";
      case "ArrayExpression":
        return this.#isSoughtInList(parent, child) ? "compare" : "read";
      default:
        return "read";
    }
  }
}

/** Members of `Object` and of functions, which lead further than a class's own. */
const leadsOn = new Set([
  ...Object.getOwnPropertyNames(Object),
  ...Object.getOwnPropertyNames(Function.prototype),
  "prototype",
  "__proto__",
]);
leadsOn.delete("name");

/** Functions whose calls are looked at, so that they may not be handed on. */
const sensitive = new Set([
  "Object.getPrototypeOf",
  "Object.setPrototypeOf",
  "Object.getOwnPropertyDescriptor",
  "Object.getOwnPropertyDescriptors",
  "Object.getOwnPropertyNames",
  "Object.defineProperty",
  "Object.defineProperties",
]);

/** The exports of a CommonJS module are its own to write. */
function isOwnExports(path: string): boolean {
  return path === "module" || path === "exports" || path === "module.exports";
}

function isSearch(member: Extract<Node, { type: "MemberExpression" }>): boolean {
  return (
    !member.computed && member.property.type === "Identifier" && ["includes", "indexOf"].includes(member.property.name)
  );
}

function nameOf(key: Value): string | undefined {
  return key.is === "known" ? memberName(key.value) : undefined;
}

/** Text of which enough is known that it cannot be one of the names that lead on. */
function isHarmlessPart(key: Value): boolean {
  if (key.is !== "part") return false;
  return !["constructor", "prototype", "__proto__", "call", "apply", "bind", ...legacyAccessors].some(
    (name) => name.startsWith(key.start) && name.endsWith(key.end) && name.length >= key.start.length + key.end.length,
  );
}

function holdsHidden(value: Known): boolean {
  if (isText(value)) return hiddenNames.has(value);
  return Array.isArray(value) && value.some((one) => isText(one) && hiddenNames.has(one));
}

/** A literal's value, where it is text or another plain one. */
function constant(node: Extract<Node, { type: "Literal" }>): Known {
  return "regex" in node || "bigint" in node ? undefined : node.value;
}
