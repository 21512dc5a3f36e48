// A module's syntax tree as a list of its nodes in the order they are written, each with its parent. Types are left out, since they are
// gone when the code runs. Nothing here recurses, so that no depth of the code can overflow our own stack.
import { type ESTree, parseSync } from "rolldown/utils";

export type Node = ESTree.Node;
export type Identifier = Extract<Node, { type: "Identifier" }>;

export interface Syntax {
  readonly source: string;
  readonly nodes: readonly Node[];
  readonly parents: ReadonlyMap<Node, Node>;
}

export type Parsed =
  | { readonly kind: "parsed"; readonly syntax: Syntax }
  | { readonly kind: "invalid"; readonly at: number; readonly message: string }
  | { readonly kind: "too-deep"; readonly at: number };

/** Nodes of TypeScript that are there when the code runs; all others of it are types. */
const running = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
  "TSNonNullExpression",
  "TSInstantiationExpression",
  "TSEnumDeclaration",
  "TSEnumBody",
  "TSEnumMember",
  "TSModuleDeclaration",
  "TSModuleBlock",
  "TSParameterProperty",
  "TSExportAssignment",
  "TSImportEqualsDeclaration",
  "TSExternalModuleReference",
]);

const maxDepth = 1_000;

/** @param commonjs takes what is valid only in a CommonJS module, too. */
export function parseModule(source: string, file: string, commonjs: boolean): Parsed {
  const lang = /\.[cm]?tsx$/.test(file)
    ? "tsx"
    : /\.[cm]?ts$/.test(file)
      ? "ts"
      : commonjs && file.endsWith(".jsx")
        ? "jsx"
        : "js";
  let result = parseSync(file, source, { lang, sourceType: "module", preserveParens: false });
  if (result.errors.length > 0 && commonjs) {
    const second = parseSync(file, source, { lang, sourceType: "commonjs", preserveParens: false });
    if (second.errors.length === 0) result = second;
  }
  const error = result.errors[0];
  if (error !== undefined)
    return { kind: "invalid", at: error.labels[0]?.start ?? 0, message: error.message.split("\n", 1)[0] ?? "" };
  return walk(result.program, source);
}

function walk(program: Node, source: string): Parsed {
  const nodes: Node[] = [];
  const parents = new Map<Node, Node>();
  const waiting: { node: Node; depth: number }[] = [{ node: program, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, depth } = next;
    if (depth > maxDepth) return { kind: "too-deep", at: node.start };
    nodes.push(node);
    const children = childrenOf(node);
    for (let i = children.length - 1; i >= 0; i--) {
      const child = children[i];
      if (child === undefined) continue;
      parents.set(child, node);
      waiting.push({ node: child, depth: depth + 1 });
    }
  }
  return { kind: "parsed", syntax: { source, nodes, parents } };
}

function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  const add = (value: unknown) => {
    if (isNode(value) && runs(value)) children.push(value);
  };
  for (const [key, value] of Object.entries(node)) {
    if (key === "parent") continue;
    if (Array.isArray(value)) for (const one of value) add(one);
    else add(value);
  }
  return children;
}

function isNode(value: unknown): value is Node {
  return (
    typeof value === "object" && value !== null && "type" in value && typeof value.type === "string" && "start" in value
  );
}

function runs(node: Node): boolean {
  if (node.type.startsWith("TS")) return running.has(node.type) && !("declare" in node && node.declare === true);
  if ("declare" in node && node.declare === true) return false;
  if (node.type === "ImportDeclaration" || node.type === "ImportSpecifier") return node.importKind !== "type";
  if (node.type === "ExportNamedDeclaration" || node.type === "ExportSpecifier" || node.type === "ExportAllDeclaration")
    return node.exportKind !== "type";
  return true;
}

/** The expression within parentheses, type assertions and optional chains. */
export function bare(node: Node): Node {
  let inner = node;
  for (;;) {
    switch (inner.type) {
      case "ParenthesizedExpression":
      case "ChainExpression":
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSTypeAssertion":
      case "TSNonNullExpression":
      case "TSInstantiationExpression":
        inner = inner.expression;
        break;
      default:
        return inner;
    }
  }
}

/** The first parent that is more than parentheses, a type assertion or an optional chain; and its child on the way here. */
export function outer(syntax: Syntax, node: Node): { parent: Node | undefined; child: Node } {
  let child = node;
  let parent = syntax.parents.get(node);
  while (parent !== undefined && bare(parent) !== parent) {
    child = parent;
    parent = syntax.parents.get(parent);
  }
  return { parent, child };
}

export type FunctionNode = Extract<
  Node,
  {
    type:
      | "FunctionDeclaration"
      | "FunctionExpression"
      | "ArrowFunctionExpression"
      | "TSDeclareFunction"
      | "TSEmptyBodyFunctionExpression";
  }
>;

export function isFunction(node: Node): node is FunctionNode {
  return (
    node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression"
  );
}
