// Which declaration a name means. A name that no declaration of the module covers is a global one; one that is covered is harmless, even
// if it is called `process` or `eval`. What a declared name may hold is kept as the list of everything that is ever put into it.
import { bare, type FunctionNode, type Identifier, isFunction, type Node, type Syntax } from "./syntax.js";

/** One thing that is put into a variable. `steps` lead into a destructured value. */
export type Origin =
  | { readonly from: "expression"; readonly node: Node; readonly steps: readonly Step[] }
  | { readonly from: "element"; readonly node: Node; readonly steps: readonly Step[] }
  | { readonly from: "parameter"; readonly fn: FunctionNode; readonly index: number; readonly steps: readonly Step[] }
  | { readonly from: "import"; readonly module: string; readonly name: string }
  | { readonly from: "declared"; readonly node: Node }
  /** `+=` */
  | { readonly from: "appended"; readonly node: Node }
  /** A loop over the names of an object's members. */
  | { readonly from: "name"; readonly node: Node }
  | { readonly from: "number" }
  | { readonly from: "elsewhere" };

export type Step = { readonly key: Node; readonly computed: boolean } | { readonly index: number } | "rest";

export interface Binding {
  readonly name: string;
  readonly origins: Origin[];
  readonly references: Identifier[];
}

/** A member that is read by a pattern, as in `const { env } = process`. */
export interface Taken {
  readonly property: Node;
  readonly from: Origin;
}

export interface Scopes {
  readonly taken: readonly Taken[];
  /** What a reference means; undefined: a global name. */
  readonly meaning: ReadonlyMap<Identifier, Binding | undefined>;
  /** The calls of a function that is called by its name or on the spot: their arguments. */
  readonly calls: ReadonlyMap<FunctionNode, readonly (readonly Node[])[]>;
  readonly returns: ReadonlyMap<FunctionNode, readonly Node[]>;
}

type Scope = Map<string, Binding>;

export function resolveScopes(syntax: Syntax): Scopes {
  const { nodes, parents } = syntax;
  const scopes = new Map<Node, Scope>();
  const declaring = new Set<Node>();
  const writes: { id: Identifier; origin: Origin }[] = [];
  const returns = new Map<FunctionNode, Node[]>();

  const around = (node: Node, wanted: (candidate: Node) => boolean): Node => {
    let at: Node = node;
    for (let up = parents.get(at); up !== undefined; up = parents.get(up)) {
      at = up;
      if (wanted(up)) return up;
    }
    return at;
  };
  const declare = (id: Identifier, scope: Node, origin: Origin) => {
    declaring.add(id);
    const names = scopes.get(scope) ?? new Map<string, Binding>();
    scopes.set(scope, names);
    const binding = names.get(id.name) ?? { name: id.name, origins: [], references: [] };
    names.set(id.name, binding);
    binding.origins.push(origin);
  };
  const taken: Taken[] = [];
  const declarePattern = (pattern: Node, scope: Node, origin: Origin) => {
    for (const { id, origin: one } of targets(pattern, origin, taken))
      if (id.type === "Identifier") declare(id, scope, one);
  };

  for (const node of nodes) {
    switch (node.type) {
      case "VariableDeclaration": {
        const scope = around(node, node.kind === "var" ? isVarScope : isScope);
        const loop = parents.get(node);
        for (const { id, init } of node.declarations) {
          let origin: Origin = { from: "elsewhere" };
          if (init !== null) origin = { from: "expression", node: init, steps: [] };
          else if (loop?.type === "ForOfStatement" && loop.left === node)
            origin = { from: "element", node: loop.right, steps: [] };
          else if (loop?.type === "ForInStatement" && loop.left === node) origin = { from: "name", node: loop.right };
          else if (loop?.type !== "ForInStatement" && id.type === "Identifier" && node.kind !== "var")
            origin = { from: "declared", node };
          declarePattern(id, scope, origin);
        }
        break;
      }
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression": {
        if (node.id !== null)
          declare(node.id, node.type === "FunctionDeclaration" ? around(node, isScope) : node, {
            from: "declared",
            node,
          });
        node.params.forEach((param, index) => {
          if (param.type === "RestElement") declarePattern(param.argument, node, { from: "elsewhere" });
          else
            declarePattern(param.type === "TSParameterProperty" ? param.parameter : param, node, {
              from: "parameter",
              fn: node,
              index,
              steps: [],
            });
        });
        if (node.type === "ArrowFunctionExpression" && node.body !== null && node.body.type !== "BlockStatement")
          returns.set(node, [node.body]);
        break;
      }
      case "ReturnStatement": {
        const fn = around(node, isFunction);
        if (isFunction(fn) && node.argument !== null) {
          const known = returns.get(fn) ?? [];
          known.push(node.argument);
          returns.set(fn, known);
        }
        break;
      }
      case "ClassDeclaration":
      case "ClassExpression":
        if (node.id !== null) {
          const { id } = node;
          declare(id, node.type === "ClassDeclaration" ? around(node, isScope) : node, { from: "declared", node });
        }
        break;
      case "CatchClause":
        if (node.param !== null) declarePattern(node.param, node, { from: "elsewhere" });
        break;
      case "TSEnumDeclaration":
        declare(node.id, around(node, isScope), { from: "elsewhere" });
        break;
      case "TSEnumMember":
        if (node.id.type === "Identifier")
          declare(
            node.id,
            around(node, (up) => up.type === "TSEnumDeclaration"),
            { from: "elsewhere" },
          );
        break;
      case "TSModuleDeclaration":
        if (node.id.type === "Identifier") declare(node.id, around(node, isScope), { from: "elsewhere" });
        break;
      case "TSImportEqualsDeclaration":
        declare(node.id, around(node, isScope), { from: "elsewhere" });
        break;
      case "ImportDeclaration":
        for (const specifier of node.specifiers) {
          if (specifier.type === "ImportSpecifier" && specifier.importKind === "type") continue;
          let name = "*";
          if (specifier.type === "ImportDefaultSpecifier") name = "default";
          else if (specifier.type === "ImportSpecifier")
            name = specifier.imported.type === "Literal" ? specifier.imported.value : specifier.imported.name;
          declare(specifier.local, around(node, isScope), { from: "import", module: node.source.value, name });
        }
        break;
      case "AssignmentExpression": {
        const origin: Origin =
          node.operator === "=" || node.operator === "||=" || node.operator === "&&=" || node.operator === "??="
            ? { from: "expression", node: node.right, steps: [] }
            : node.operator === "+="
              ? { from: "appended", node: node.right }
              : { from: "number" };
        for (const { id, origin: one } of targets(node.left, origin, taken))
          if (id.type === "Identifier") writes.push({ id, origin: one });
        break;
      }
      case "UpdateExpression": {
        const id = bare(node.argument);
        if (id.type === "Identifier") writes.push({ id, origin: { from: "number" } });
        break;
      }
      case "ForOfStatement":
      case "ForInStatement":
        if (node.left.type !== "VariableDeclaration")
          for (const { id, origin } of targets(
            node.left,
            node.type === "ForOfStatement"
              ? { from: "element", node: node.right, steps: [] }
              : { from: "name", node: node.right },
            taken,
          ))
            if (id.type === "Identifier") writes.push({ id, origin });
        break;
    }
  }

  const meaning = new Map<Identifier, Binding | undefined>();
  for (const node of nodes) {
    if (node.type !== "Identifier" || declaring.has(node) || !isReference(node, parents.get(node))) continue;
    if (isReexported(node, parents)) continue;
    let binding: Binding | undefined;
    for (let at: Node | undefined = parents.get(node); at !== undefined && binding === undefined; at = parents.get(at))
      binding = scopes.get(at)?.get(node.name);
    meaning.set(node, binding);
    binding?.references.push(node);
  }
  for (const { id, origin } of writes) meaning.get(id)?.origins.push(origin);
  return { taken, meaning, calls: callsOf(nodes, meaning), returns };
}

/** Every name or member that a pattern writes to, and where its value comes from. */
function targets(pattern: Node, origin: Origin, taken: Taken[]): { id: Node; origin: Origin }[] {
  const found: { id: Node; origin: Origin }[] = [];
  const waiting: { pattern: Node; origin: Origin }[] = [{ pattern, origin }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const at = bare(next.pattern);
    switch (at.type) {
      case "AssignmentPattern":
        waiting.push({ pattern: at.left, origin: next.origin });
        waiting.push({ pattern: at.left, origin: { from: "expression", node: at.right, steps: [] } });
        break;
      case "ObjectPattern":
        for (const property of at.properties) {
          taken.push({ property, from: next.origin });
          if (property.type === "RestElement")
            waiting.push({ pattern: property.argument, origin: into(next.origin, "rest") });
          else
            waiting.push({
              pattern: property.value,
              origin: into(next.origin, { key: property.key, computed: property.computed }),
            });
        }
        break;
      case "ArrayPattern":
        at.elements.forEach((element, index) => {
          if (element === null) return;
          if (element.type === "RestElement")
            waiting.push({ pattern: element.argument, origin: { from: "elsewhere" } });
          else waiting.push({ pattern: element, origin: into(next.origin, { index }) });
        });
        break;
      default:
        found.push({ id: at, origin: next.origin });
    }
  }
  return found;
}

function into(origin: Origin, step: Step): Origin {
  if (origin.from === "expression" || origin.from === "element" || origin.from === "parameter")
    return { ...origin, steps: [...origin.steps, step] };
  return { from: "elsewhere" };
}

function callsOf(nodes: readonly Node[], meaning: ReadonlyMap<Identifier, Binding | undefined>) {
  const calls = new Map<FunctionNode, (readonly Node[])[]>();
  for (const node of nodes) {
    if (node.type !== "CallExpression" && node.type !== "NewExpression") continue;
    const fn = functionNamed(bare(node.callee), meaning);
    if (fn === undefined) continue;
    const known = calls.get(fn) ?? [];
    known.push(node.arguments);
    calls.set(fn, known);
  }
  return calls;
}

/** The function of this module that an expression names or is. */
export function functionNamed(
  node: Node,
  meaning: ReadonlyMap<Identifier, Binding | undefined>,
): FunctionNode | undefined {
  if (isFunction(node)) return node;
  if (node.type !== "Identifier") return undefined;
  const binding = meaning.get(node);
  const origin = binding?.origins[0];
  if (binding?.origins.length !== 1 || origin === undefined) return undefined;
  if (origin.from === "declared" && isFunction(origin.node)) return origin.node;
  if (origin.from !== "expression" || origin.steps.length > 0) return undefined;
  const value = bare(origin.node);
  return isFunction(value) ? value : undefined;
}

function isScope(node: Node): boolean {
  switch (node.type) {
    case "Program":
    case "BlockStatement":
    case "ForStatement":
    case "ForInStatement":
    case "ForOfStatement":
    case "SwitchStatement":
    case "CatchClause":
    case "StaticBlock":
    case "TSModuleBlock":
    case "TSEnumDeclaration":
    case "ClassDeclaration":
    case "ClassExpression":
      return true;
    default:
      return isFunction(node);
  }
}

function isVarScope(node: Node): boolean {
  return node.type === "Program" || node.type === "StaticBlock" || node.type === "TSModuleBlock" || isFunction(node);
}

function isReexported(node: Node, parents: ReadonlyMap<Node, Node>): boolean {
  const specifier = parents.get(node);
  const statement = specifier?.type === "ExportSpecifier" ? parents.get(specifier) : undefined;
  return statement?.type === "ExportNamedDeclaration" && statement.source !== null;
}

/** Whether a name is read or written here, rather than being a key, a label or part of an export. */
function isReference(node: Identifier, parent: Node | undefined): boolean {
  switch (parent?.type) {
    case "MemberExpression":
      return parent.object === node || parent.computed;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
    case "AccessorProperty":
      return parent.value === node || parent.computed;
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
    case "MetaProperty":
    case "ImportSpecifier":
    case "ImportAttribute":
    case "ExportAllDeclaration":
    case "TSModuleDeclaration":
      return false;
    case "TSEnumMember":
      return parent.initializer === node;
    case "ExportSpecifier":
      return parent.local === node;
    default:
      return true;
  }
}
