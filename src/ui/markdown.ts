// Markdown as lines for a terminal. marked parses, this draws its tokens: a finished block is drawn once for a width and
// never again. Every line comes back no wider than asked, except code, which keeps its own line ends so that it can be
// copied; the terminal wraps what is too long.
import { Lexer, type MarkedToken, type Token, type Tokens, type TokensList } from "marked";
import { isThemeName } from "../actors/config/themes.js";
import { CodeHighlighter } from "./code.js";
import { tableLines } from "./table.js";
import { clip, hang, oneLine, pad, printable, prose, width, wrap, wrapExact } from "./text.js";
import { inTheme, type Paint, type Theme, themeSample } from "./theme.js";

/** Deeper nesting of lists and quotes than this is drawn as plain text. */
const DEEPEST = 12;
/** A longer paragraph, in UTF-16 units, is drawn as it is written: marked takes time with the square of its length. */
const LONGEST_PARAGRAPH = 4_000;
/** A table of more columns is drawn as it is written. */
const MOST_COLUMNS = 100;

/** marked's, but for what would hold everything up. */
class BoundedLexer extends Lexer {
  #depth = 0;

  override blockTokens(text: string, tokens?: Token[], clipped?: boolean): Token[];
  override blockTokens(text: string, tokens?: TokensList, clipped?: boolean): TokensList;
  override blockTokens(text: string, given: Token[] = [], clipped?: boolean): TokensList {
    const tokens = given as TokensList; // marked's own overloads answer with what they are given
    if (this.#depth > DEEPEST) return asWritten(text, tokens);
    this.#depth++;
    try {
      super.blockTokens(text, tokens, clipped);
      return tokens;
    } finally {
      this.#depth--;
    }
  }

  override inlineTokens(text: string, tokens: Token[] = []): Token[] {
    return text.length > LONGEST_PARAGRAPH ? asWritten(text, tokens) : super.inlineTokens(text, tokens);
  }
}

function asWritten<T extends Token[]>(text: string, tokens: T): T {
  tokens.push({ type: "text", raw: text, text });
  return tokens;
}

const LONGEST_THEME_NAME = 19;

interface Canvas {
  readonly columns: number;
  readonly theme: Theme;
  readonly depth: number;
}

/** The lines of a Markdown text, painted, for `columns` cells. */
export function renderMarkdown(text: string, columns: number, theme: Theme): string[] {
  const source = printable(text);
  const room = Math.max(8, columns);
  try {
    return blocks(new BoundedLexer().lex(source), { columns: room, theme, depth: 0 });
  } catch {
    // Nobody's text may bring the screen down: what the parser cannot take (nesting without end, say) is shown as it is.
    return wrapExact(source, room);
  }
}

/** The lines of a code block whose end is known. */
export function renderCode(text: string, language: string, theme: Theme): string[] {
  if (language === "theme") return text.split("\n").map((name) => sampleOf(name, theme));
  const highlighter = new CodeHighlighter(language, theme);
  return text.split("\n").map((line) => highlighter.line(line));
}

/** A line of the language `theme` is a theme's name, and is followed by a sample of it. */
function sampleOf(name: string, theme: Theme): string {
  return isThemeName(name) ? `${pad(name, LONGEST_THEME_NAME)} ${themeSample(inTheme(theme, name))}` : name;
}

function blocks(tokens: readonly Token[], canvas: Canvas, loose = true): string[] {
  const lines: string[] = [];
  for (const token of tokens) {
    const drawn = block(token as MarkedToken, canvas); // marked's own union; no extension adds kinds
    if (drawn.length === 0) continue;
    if (lines.length > 0 && loose) lines.push("");
    lines.push(...drawn);
  }
  return lines;
}

function block(token: MarkedToken, canvas: Canvas): string[] {
  const { theme, columns } = canvas;
  switch (token.type) {
    case "space":
    case "def":
      return [];
    case "heading":
      return prose(heading(token.depth, inline(token.tokens, theme), theme), columns);
    case "paragraph":
      return prose(inline(token.tokens, theme), columns);
    case "text":
      return prose(token.tokens === undefined ? decoded(token.text) : inline(token.tokens, theme), columns);
    case "checkbox":
      return [span(token, theme)];
    case "code":
      return code(token, canvas);
    case "list":
      return list(token, canvas);
    case "blockquote":
      return quote(token, canvas);
    case "table":
      if (token.header.length > MOST_COLUMNS) return wrapExact(decoded(token.raw), columns);
      return tableLines(
        {
          header: token.header.map((cell) => inline(cell.tokens, theme)),
          rows: token.rows.map((row) => row.map((cell) => inline(cell.tokens, theme))),
          align: token.align.map((align) => align ?? "left"),
        },
        columns,
        theme,
      );
    case "hr":
      if (theme.spoken) return [];
      return [theme.muted(theme.glyphs.rule.repeat(Math.min(columns, 40)))];
    case "html":
      return wrap(decoded(token.text.trimEnd()), columns);
    default:
      return wrap(decoded(token.raw.trimEnd()), columns);
  }
}

function heading(depth: number, text: string, theme: Theme): string {
  if (theme.spoken) return `Heading ${depth}: ${text}`;
  if (depth === 1) return theme.bold(theme.underline(theme.accent(text)));
  return depth === 2 ? theme.bold(theme.accent(text)) : theme.bold(text);
}

function code(token: Tokens.Code, { theme, columns }: Canvas): string[] {
  const language = /^\S*/.exec(token.lang ?? "")?.[0] ?? "";
  if (language === "theme") return themeSamples(token.text, theme, columns);
  const lines = renderCode(token.text, language, theme).map((line) => (line === "" ? "" : `  ${line}`));
  if (theme.spoken) return [`Code${language === "" ? "" : ` in ${language}`}:`, ...token.text.split("\n")];
  return language === "" ? lines : [theme.muted(language), ...lines];
}

/** Nobody copies them, so they are cut; who does not see them has nothing of them. */
function themeSamples(names: string, theme: Theme, columns: number): string[] {
  if (theme.spoken) return [];
  return [theme.muted("theme"), ...renderCode(names, "theme", theme).map((line) => clip(`  ${line}`, columns))];
}

function quote(token: Tokens.Blockquote, canvas: Canvas): string[] {
  const bar = `${canvas.theme.muted(canvas.theme.glyphs.bar)} `;
  return blocks(token.tokens, inner(canvas, 2)).map((line) => bar + line);
}

function list(token: Tokens.List, canvas: Canvas): string[] {
  const { theme } = canvas;
  const first = typeof token.start === "number" ? token.start : 1;
  const digits = `${first + token.items.length - 1}`.length;
  const lines: string[] = [];
  for (const [index, item] of token.items.entries()) {
    const number = `${first + index}.`;
    const marker = token.ordered ? theme.muted(number.padStart(digits + 1)) : theme.muted(theme.glyphs.bullet);
    const indent = width(marker) + 1;
    const body = task(item, inner(canvas, indent)) ?? blocks(item.tokens, inner(canvas, indent), token.loose);
    if (token.loose && lines.length > 0) lines.push("");
    lines.push(...hang(body.length === 0 ? [""] : body, `${marker} `, " ".repeat(indent)));
  }
  return lines;
}

const BOX = 4;

/** In a tight list the box of a task stands before its text as a block of its own. */
function task({ tokens: [box, ...tokens] }: Tokens.ListItem, canvas: Canvas): string[] | undefined {
  if (box?.type !== "checkbox") return undefined;
  const drawn = span(box as Tokens.Checkbox, canvas.theme); // its type says so
  return hang(blocks(tokens, inner(canvas, BOX), false), drawn, " ".repeat(BOX));
}

function inner(canvas: Canvas, indent: number): Canvas {
  return { ...canvas, columns: Math.max(8, canvas.columns - indent), depth: canvas.depth + 1 };
}

/** Inline tokens as one painted text; `\n` where a line must break. */
export function inline(tokens: readonly Token[], theme: Theme): string {
  return tokens.map((token) => span(token as MarkedToken, theme)).join(""); // as above
}

function span(token: MarkedToken, theme: Theme): string {
  switch (token.type) {
    case "strong":
      return painted(theme.bold, token.tokens, theme);
    case "em":
      return painted(theme.italic, token.tokens, theme);
    case "del":
      return painted(theme.strike, token.tokens, theme);
    case "codespan":
      return theme.code(token.text);
    case "br":
      return "\n";
    case "link":
      return link(inline(token.tokens, theme), token.href, theme);
    case "image":
      return link(decoded(token.text) || "image", token.href, theme);
    case "checkbox":
      return token.checked ? theme.ok("[x] ") : "[ ] ";
    case "html":
      return /^<br\s*\/?>$/i.test(token.text.trim()) ? "\n" : decoded(token.text);
    case "escape":
      return token.text;
    case "text":
      return token.tokens === undefined ? soft(decoded(token.text)) : inline(token.tokens, theme);
    default:
      return decoded(token.raw);
  }
}

function painted(paint: Paint, tokens: readonly Token[], theme: Theme): string {
  return paint(inline(tokens, theme));
}

/** A line end inside a paragraph is a space. */
function soft(text: string): string {
  // Begun only where spaces begin: else each of a thousand would be tried.
  return text.replace(/(?<! ) *\n */g, " ");
}

/** Clickable where the terminal can; else the address follows in parentheses unless the text is the address. */
function link(text: string, address: string, theme: Theme): string {
  const shown = theme.underline(theme.link(text));
  if (theme.hyperlinks && /^(https?|mailto|file):/i.test(address)) {
    return `\u001B]8;;${encodeURI(decodeSafely(address))}\u0007${shown}\u001B]8;;\u0007`;
  }
  const bare = oneLine(address.replace(/^mailto:/, ""));
  return text === address || text === bare || bare === "" ? shown : `${shown} ${theme.muted(`(${bare})`)}`;
}

/** An address that is already encoded must not be encoded twice; a broken one is taken as it is. */
function decodeSafely(address: string): string {
  try {
    return decodeURI(address);
  } catch {
    return address;
  }
}

const ENTITIES: { readonly [name: string]: string } = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00A0",
  copy: "©",
  hellip: "…",
  mdash: "—",
  ndash: "–",
  larr: "←",
  rarr: "→",
};

/**
 * HTML's named characters; marked has turned the numbered ones into what they stand for, and `&#27;` is one of them: control
 * characters that came in that way are taken out again.
 */
function decoded(text: string): string {
  return printable(text).replace(/&(\w{2,8});/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
