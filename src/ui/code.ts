// Code with colours. lowlight knows some 37 common languages and takes a tenth of a second of CPU to load, so it is loaded
// when the first code block comes (or when the screen has nothing better to do) and until then code is shown plain.
// A growing block is highlighted line by line in linear time: whenever a line ends outside every construct, what came
// before it no longer matters and is forgotten.
import type { createLowlight } from "lowlight";
import type { Paint, SyntaxRole, Theme } from "./theme.js";

type Lowlight = ReturnType<typeof createLowlight>;
type Root = ReturnType<Lowlight["highlight"]>;
type Node = Root["children"][number];

/** Past these, code is shown plain: one line this long, or one construct (a comment, a template) of this many lines. */
const LONGEST_LINE = 2_000;
const LONGEST_CONSTRUCT = 200;

let lowlight: Lowlight | undefined;
let loading: Promise<void> | undefined;

/** Loads the grammars. Until it has resolved, code is not coloured. */
export function loadHighlighter(): Promise<void> {
  loading ??= import("lowlight").then(({ common, createLowlight }) => {
    lowlight = createLowlight(common);
  });
  return loading;
}

const ROLES: { readonly [scope: string]: SyntaxRole } = {
  "hljs-keyword": "keyword",
  "hljs-selector-tag": "keyword",
  "hljs-section": "title",
  "hljs-doctag": "keyword",
  "hljs-tag": "keyword",
  "hljs-name": "keyword",
  "hljs-string": "string",
  "hljs-regexp": "string",
  "hljs-quote": "comment",
  "hljs-char": "string",
  "hljs-number": "number",
  "hljs-literal": "number",
  "hljs-symbol": "number",
  "hljs-bullet": "number",
  "hljs-comment": "comment",
  "hljs-meta": "comment",
  "hljs-title": "title",
  "hljs-built_in": "type",
  "hljs-type": "type",
  "hljs-attr": "attribute",
  "hljs-attribute": "attribute",
  "hljs-property": "attribute",
  "hljs-selector-class": "attribute",
  "hljs-selector-id": "attribute",
  "hljs-variable": "attribute",
  "hljs-template-variable": "attribute",
  "hljs-addition": "added",
  "hljs-deletion": "removed",
};

/** Highlights the lines of one code block as they come. */
export class CodeHighlighter {
  readonly language: string;
  readonly #theme: Theme;
  /** Lines of a construct still open, a block comment say: the next line is read after them. */
  #open: string[] = [];

  constructor(language: string, theme: Theme) {
    this.language = language.toLowerCase();
    this.#theme = theme;
  }

  /** The next whole line, painted. */
  line(text: string): string {
    const { painted, closed } = this.#paint(text);
    if (closed) this.#open = [];
    else this.#open.push(text);
    return painted;
  }

  /** A line that is still being written, painted; it is not remembered. */
  partial(text: string): string {
    return this.#paint(text).painted;
  }

  #paint(text: string): { painted: string; closed: boolean } {
    const known = this.#theme.colour > 0 && lowlight?.registered(this.language) === true ? lowlight : undefined;
    if (known === undefined || text.length > LONGEST_LINE || this.#open.length > LONGEST_CONSTRUCT) {
      return { painted: text, closed: true };
    }
    // The line end is part of what is read: a comment to the end of the line is closed by it.
    const root = known.highlight(this.language, `${[...this.#open, text].join("\n")}\n`);
    const lines = paintedLines(root, this.#theme);
    return { painted: lines.at(-2) ?? text, closed: root.children.at(-1)?.type !== "element" };
  }
}

function paintedLines(root: Root, theme: Theme): string[] {
  const lines = [""];
  const visit = (node: Node, paint: Paint | undefined): void => {
    if (node.type === "text") {
      for (const [index, part] of node.value.split("\n").entries()) {
        if (index > 0) lines.push("");
        lines[lines.length - 1] += paint === undefined ? part : paint(part);
      }
    } else if (node.type === "element") {
      const scopes = node.properties.className;
      const scope = Array.isArray(scopes) ? `${scopes[0]}` : "";
      const role = ROLES[scope];
      // Code inside a template string is code again.
      const own = role === undefined ? (scope === "hljs-subst" ? undefined : paint) : theme.syntax[role];
      for (const inner of node.children) visit(inner, own);
    }
  };
  for (const node of root.children) visit(node, undefined);
  return lines;
}
