// What every part of the screen may look like: a dozen roles, not colours, so that NO_COLOR, 16 colours, a light
// background and a terminal without Unicode are settled here once. What the terminal can is found out in abilities.ts, the
// colours are in palettes.ts.
import type { ThemeName } from "../actors/config/themes.js";
import { type ColourLevel, colourCode } from "./colour.js";
import { palettes, type Role, SIXTEEN } from "./palettes.js";

export type Paint = (text: string) => string;

export interface Theme {
  readonly name: ThemeName;
  readonly terminal: TerminalAbilities;
  readonly colour: ColourLevel;
  readonly spoken: boolean;
  /** True when links may be written as OSC 8, so that the terminal itself makes them clickable. */
  readonly hyperlinks: boolean;
  readonly glyphs: Glyphs;
  readonly bold: Paint;
  readonly italic: Paint;
  readonly underline: Paint;
  readonly strike: Paint;
  readonly inverse: Paint;
  /** Ours: the prompt, the answer's mark, what has the focus. */
  readonly accent: Paint;
  /** Everything that may be overlooked. */
  readonly muted: Paint;
  readonly ok: Paint;
  readonly warn: Paint;
  readonly error: Paint;
  readonly link: Paint;
  readonly code: Paint;
  readonly syntax: { readonly [role in SyntaxRole]: Paint };
}

export type SyntaxRole =
  | "keyword"
  | "string"
  | "number"
  | "comment"
  | "title"
  | "type"
  | "attribute"
  | "added"
  | "removed";

export interface Glyphs {
  readonly prompt: string;
  readonly answer: string;
  readonly dot: string;
  readonly ring: string;
  readonly ok: string;
  readonly fail: string;
  readonly note: string;
  readonly bullet: string;
  readonly bar: string;
  readonly rule: string;
  readonly filled: string;
  readonly ellipsis: string;
  readonly up: string;
  readonly down: string;
  readonly more: string;
  /** Before what goes with a message. */
  readonly attached: string;
  readonly spinner: readonly string[];
}

const UNICODE: Glyphs = {
  prompt: "›",
  answer: "●",
  dot: "●",
  ring: "○",
  ok: "✓",
  fail: "✗",
  note: "·",
  bullet: "•",
  bar: "│",
  rule: "─",
  filled: "━",
  ellipsis: "…",
  up: "↑",
  down: "↓",
  more: "⋮",
  attached: "📎",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
};

const ASCII: Glyphs = {
  prompt: ">",
  answer: "*",
  dot: "*",
  ring: "o",
  ok: "+",
  fail: "x",
  note: "-",
  bullet: "-",
  bar: "|",
  rule: "-",
  filled: "=",
  ellipsis: "~",
  up: "^",
  down: "v",
  more: ":",
  attached: "+",
  spinner: ["|", "/", "-", "\\"],
};

type StyleName = "bold" | "italic" | "underline" | "strike" | "inverse";

const STYLES: { readonly [name in StyleName]: readonly [number, number] } = {
  bold: [1, 22],
  italic: [3, 23],
  underline: [4, 24],
  strike: [9, 29],
  inverse: [7, 27],
};

const plain: Paint = (text) => text;

/** Wraps text in a style; where an inner style ends with the same code, the outer one is opened again. */
function sgr(open: string, close: string): Paint {
  const start = `\u001B[${open}m`;
  const end = `\u001B[${close}m`;
  return (text) => (text === "" ? "" : start + text.replaceAll(end, start) + end);
}

/** What a terminal can show. */
export interface TerminalAbilities {
  /** Default 2. */
  readonly colour?: ColourLevel;
  /** Bold, inverse and the like; false only for terminals that know no escape codes at all. Default true. */
  readonly styles?: boolean;
  /** Default true. */
  readonly unicode?: boolean;
  /** Default false. */
  readonly hyperlinks?: boolean;
  /** True: it is heard or felt, so words stand for glyphs and nothing is drawn. Default false. */
  readonly spoken?: boolean;
}

export interface ThemeOptions extends TerminalAbilities {
  /** Default "dark". */
  readonly name?: ThemeName;
}

export function createTheme({ name = "dark", ...terminal }: ThemeOptions = {}): Theme {
  const { styles = true, unicode = true, hyperlinks = false, spoken = false } = terminal;
  const { background, colours } = palettes[name];
  const colour = colours === undefined ? 0 : (terminal.colour ?? 2);
  const style = (one: StyleName): Paint => (styles ? sgr(`${STYLES[one][0]}`, `${STYLES[one][1]}`) : plain);
  const role = (one: Exclude<Role, "muted">): Paint => {
    if (colours === undefined || colour === 0) return plain;
    return sgr(colour === 1 ? `${SIXTEEN[one][background]}` : colourCode(colours[one], colour), "39");
  };
  // What may be overlooked is dimmed where there are few colours or none: that is no colour.
  const dim = styles ? sgr("2", "22") : plain;
  const muted = colours === undefined || colour < 2 ? dim : sgr(colourCode(colours.muted, colour === 2 ? 2 : 3), "39");
  return {
    name,
    terminal,
    colour,
    spoken,
    hyperlinks: hyperlinks && styles && !spoken,
    glyphs: unicode && !spoken ? UNICODE : ASCII,
    bold: style("bold"),
    italic: style("italic"),
    underline: style("underline"),
    strike: style("strike"),
    inverse: style("inverse"),
    accent: role("accent"),
    muted,
    ok: role("ok"),
    warn: role("warn"),
    error: role("error"),
    link: role("link"),
    code: role("code"),
    syntax: {
      keyword: role("keyword"),
      string: role("string"),
      number: role("number"),
      comment: muted,
      title: role("link"),
      type: role("accent"),
      attribute: role("attribute"),
      added: role("ok"),
      removed: role("error"),
    },
  };
}

/** The same terminal in another theme. */
export function inTheme({ terminal }: Theme, name: ThemeName): Theme {
  return createTheme({ ...terminal, name });
}

/** One line in the theme's own colours, to choose it by. */
export function themeSample(theme: Theme): string {
  const { glyphs, syntax } = theme;
  return [
    theme.accent(`${glyphs.answer} answer`),
    theme.bold("bold"),
    theme.code("code"),
    theme.link(theme.underline("link")),
    theme.ok(`${glyphs.ok} ok`),
    theme.warn("! warning"),
    theme.error(`${glyphs.fail} error`),
    `${syntax.keyword("const")} ${syntax.attribute("n")} = ${syntax.number("42")} + ${syntax.string('"text"')} ${syntax.comment("// why")}`,
  ].join(" ");
}
