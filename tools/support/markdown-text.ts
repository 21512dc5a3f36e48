// Markdown to plain text from the parser's tokens. Long documents are parsed a section at a time, so that no text, however it is
// made, holds the thread for long: some of the parser's rules take time with the square of a paragraph's length.
import { Lexer, type MarkedToken, type Token, type Tokens } from "marked";
import { ToolError } from "../define.js";

const SECTION = 4_000; // where a section may end, it does after so many characters
const MAX_SECTION = 16_000; // and here it must
const DEFINITION = /^ {0,3}\[([^\]\n]{1,200})\]:[ \t]*<?([^\s>]+)>?[^\n]*$/gm;

/** Quotes and lists within each other in one line: nobody writes that, and the parser takes long to find out. */
const NESTED = /^(?:[ \t]*(?:>|[-*+][ \t]|\d{1,9}[.)][ \t])){50}/;
const TOO_DEEP = "The Markdown is nested too deep; give a simpler part of it.";

type Links = Record<string, { href: string; title: string }>;

/** The text, section by section, some of them empty; to be joined by empty lines. */
export function* markdownSections(markdown: string): Generator<string> {
  const text = markdown.replace(/\r\n?/g, "\n");
  const links: Links = Object.create(null);
  for (const [, label = "", href = ""] of text.matchAll(DEFINITION)) {
    links[label.toLowerCase().replace(/\s+/g, " ")] ??= { href, title: "" };
  }
  for (const section of sections(text)) yield plainText(section, links);
}

function plainText(markdown: string, links: Links): string {
  try {
    const lexer = new Lexer({ gfm: true });
    Object.assign(lexer.tokens.links, links);
    return blocks(lexer.lex(markdown)).join("\n\n");
  } catch (error) {
    if (error instanceof RangeError) throw new ToolError(TOO_DEEP);
    throw error;
  }
}

/**
 * Cuts before a paragraph or heading at the margin, where lists and quotes end, and not within code or comments. What is longer
 * than it may be is cut anywhere; code goes on as code.
 */
function* sections(text: string): Generator<string> {
  let [from, at, fence, comment, opening] = [0, 0, "", false, ""];
  const upTo = (end: number) => {
    const section = opening + text.slice(from, end) + (fence === "" ? "" : `\n${fence}`);
    opening = fence === "" ? "" : `${fence}\n`;
    from = end;
    return section;
  };
  while (at < text.length) {
    const lineBreak = text.indexOf("\n", at);
    const end = lineBreak === -1 ? text.length : lineBreak + 1;
    const line = text.slice(at, end);
    if (NESTED.test(line)) throw new ToolError(TOO_DEEP);
    const mayEnd = fence === "" && !comment && text[at - 2] === "\n" && /^[\p{L}#]/u.test(line);
    if ((mayEnd && at - from >= SECTION) || (at > from && end - from > MAX_SECTION)) yield upTo(at);
    while (end - from > MAX_SECTION) yield upTo(from + MAX_SECTION);
    const mark = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && !comment) {
      if (fence === "") fence = mark;
      else if (mark.startsWith(fence)) fence = "";
    }
    if (fence === "" && line.includes("<!--")) comment = true;
    if (line.includes("-->")) comment = false;
    at = end;
  }
  if (from < text.length) yield upTo(text.length);
}

function blocks(tokens: readonly Token[]): string[] {
  return tokens.map((token) => block(token)).filter((text) => text !== "");
}

function block(token: Token): string {
  // The parser's own type holds `Generic`, which fits every kind, so the compiler cannot tell the kinds apart by their names.
  const known = token as MarkedToken;
  switch (known.type) {
    case "heading":
    case "paragraph":
      return inline(known.tokens).trim();
    case "text":
      return "tokens" in known && known.tokens ? inline(known.tokens) : decoded(known.text);
    case "code":
      return known.text.replace(/^/gm, "    ");
    case "blockquote":
      return blocks(known.tokens).join("\n\n");
    case "list":
      return list(known);
    case "table":
      return table(known);
    default:
      return ""; // HTML, definitions, rules and spaces
  }
}

function list({ items, ordered, start }: Tokens.List): string {
  return items
    .map((item, i) => {
      const box = item.task ? (item.checked ? "[x] " : "[ ] ") : "";
      const bullet = `${ordered ? `${Number(start || 1) + i}.` : "-"} ${box}`;
      const text = blocks(item.tokens).join("\n");
      return bullet + text.replaceAll("\n", `\n${" ".repeat(ordered ? bullet.length - box.length : 2)}`);
    })
    .join("\n");
}

function table({ header, rows }: Tokens.Table): string {
  return [header, ...rows].map((row) => row.map((cell) => inline(cell.tokens).trim()).join(" | ")).join("\n");
}

function inline(tokens: readonly Token[] = []): string {
  return tokens.map((token) => span(token)).join("");
}

function span(token: Token): string {
  const known = token as MarkedToken; // as in block
  switch (known.type) {
    case "br":
      return "\n";
    case "codespan":
      return known.text;
    case "image":
      return known.text === "" ? "" : `[${decoded(known.text)}]`;
    case "link": {
      const text = inline(known.tokens);
      const said = known.href === text || known.href === `mailto:${text}` || known.href.startsWith("#");
      return said ? text : `${text} (${known.href})`;
    }
    case "html":
    case "checkbox":
      return "";
    default:
      if ("tokens" in known && known.tokens) return inline(known.tokens);
      return "text" in known ? decoded(known.text) : "";
  }
}

const NAMED = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["nbsp", " "],
]);

/** The few entities that authors of Markdown write; others are left as they are. */
function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,6})|(amp|lt|gt|quot|nbsp));/g, (whole, code, name) => {
    if (name !== undefined) return NAMED.get(name) ?? whole;
    const point = Number(code);
    return point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) ? String.fromCodePoint(point) : whole;
  });
}
