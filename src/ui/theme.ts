// What every part of the screen may look like: a dozen roles, not colours, so that NO_COLOR, 16 colours, a light
// background and a terminal without Unicode are settled here once. The roles are painted by us and not by Ink's colour
// properties, because Ink decides on colours once per program from the real stdout; a test or a second screen could not
// then differ.

/** Environment variables, as in `process.env`. */
export interface Environment {
  readonly [name: string]: string | undefined;
}

/** 0: no colour, 1: the terminal's own 16, 2: 256 colours. */
export type ColourLevel = 0 | 1 | 2;

export type Paint = (text: string) => string;

export interface Theme {
  readonly colour: ColourLevel;
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

type Role = Exclude<keyof Theme, "colour" | "hyperlinks" | "glyphs" | "syntax" | StyleName> | SyntaxRole;
type StyleName = "bold" | "italic" | "underline" | "strike" | "inverse";

/** Each role as [one of the 16, of the 256 on a dark background, of the 256 on a light one]. */
const PALETTE: { readonly [role in Role]: readonly [number, number, number] } = {
  accent: [36, 79, 30],
  muted: [90, 245, 243],
  ok: [32, 71, 28],
  warn: [33, 179, 130],
  error: [31, 167, 160],
  link: [34, 75, 25],
  code: [36, 152, 24],
  keyword: [35, 140, 91],
  string: [32, 108, 28],
  number: [33, 173, 130],
  comment: [90, 243, 245],
  title: [34, 75, 25],
  type: [36, 79, 30],
  attribute: [36, 110, 24],
  added: [32, 71, 28],
  removed: [31, 167, 160],
};

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

export interface ThemeOptions {
  /** Default 2. */
  readonly colour?: ColourLevel;
  /** Bold, inverse and the like; false only for terminals that know no escape codes at all. Default true. */
  readonly styles?: boolean;
  /** Default "dark". */
  readonly background?: "dark" | "light";
  /** Default true. */
  readonly unicode?: boolean;
  /** Default false. */
  readonly hyperlinks?: boolean;
}

export function createTheme(options: ThemeOptions = {}): Theme {
  const { colour = 2, styles = true, background = "dark", unicode = true, hyperlinks = false } = options;
  const style = (name: StyleName): Paint => (styles ? sgr(`${STYLES[name][0]}`, `${STYLES[name][1]}`) : plain);
  const role = (name: Role): Paint => {
    const [sixteen, dark, light] = PALETTE[name];
    if (colour === 0) return plain;
    if (colour === 1) return sgr(`${sixteen}`, "39");
    return sgr(`38;5;${background === "light" ? light : dark}`, "39");
  };
  // Without colour, what may be overlooked is still dimmed: that is no colour.
  const quiet = (name: Role): Paint => (colour === 0 && styles ? sgr("2", "22") : role(name));
  return {
    colour,
    hyperlinks: hyperlinks && styles,
    glyphs: unicode ? UNICODE : ASCII,
    bold: style("bold"),
    italic: style("italic"),
    underline: style("underline"),
    strike: style("strike"),
    inverse: style("inverse"),
    accent: role("accent"),
    muted: quiet("muted"),
    ok: role("ok"),
    warn: role("warn"),
    error: role("error"),
    link: role("link"),
    code: role("code"),
    syntax: {
      keyword: role("keyword"),
      string: role("string"),
      number: role("number"),
      comment: quiet("comment"),
      title: role("title"),
      type: role("type"),
      attribute: role("attribute"),
      added: role("added"),
      removed: role("removed"),
    },
  };
}

/** The theme this terminal can show, read from its environment (`NO_COLOR`, `FORCE_COLOR`, `TERM`, `COLORTERM`, `COLORFGBG`, the locale).
 * `background` settles what a terminal seldom tells; default `auto`. */
export function detectTheme(
  env: Environment,
  output: { readonly isTTY?: boolean | undefined },
  background: "auto" | "dark" | "light" = "auto",
): Theme {
  const term = env.TERM ?? "";
  const styles = output.isTTY === true && term !== "dumb";
  return createTheme({
    colour: colourLevel(env, styles),
    styles,
    background: background === "auto" ? toldBackground(env) : background,
    unicode: knowsUnicode(env),
    hyperlinks: styles && knowsHyperlinks(env),
  });
}

function toldBackground(env: Environment): "dark" | "light" {
  return /;(7|15)$/.test(env.COLORFGBG ?? "") ? "light" : "dark";
}

function colourLevel(env: Environment, capable: boolean): ColourLevel {
  if ((env.NO_COLOR ?? "") !== "") return 0;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) {
    if (forced === "0" || forced === "false") return 0;
    return Number(forced) >= 2 ? 2 : 1;
  }
  if (!capable) return 0;
  if (/^(truecolor|24bit)$/.test(env.COLORTERM ?? "")) return 2;
  return /256|direct|kitty|ghostty|alacritty|wezterm/.test(env.TERM ?? "") ? 2 : 1;
}

function knowsUnicode(env: Environment): boolean {
  const term = env.TERM;
  if (term === "dumb" || term === "linux") return false;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG;
  // No locale at all says nothing: terminals of today are UTF-8.
  return locale === undefined || locale === "" || /utf-?8/i.test(locale);
}

function knowsHyperlinks(env: Environment): boolean {
  const term = env.TERM ?? "";
  if (/^(screen|tmux)/.test(term) || env.TMUX !== undefined) return false;
  return (
    /^(iTerm\.app|WezTerm|vscode|ghostty|Hyper)$/.test(env.TERM_PROGRAM ?? "") ||
    env.WT_SESSION !== undefined ||
    env.KONSOLE_VERSION !== undefined ||
    Number(env.VTE_VERSION ?? 0) >= 5000 ||
    /kitty|alacritty|ghostty/.test(term)
  );
}

/** Whether a terminal wraps anew what stands on it when its width changes: nearly all do; these are known not to. */
export function reflows(env: Environment): boolean {
  if (env.TMUX !== undefined) return true;
  return env.XTERM_VERSION === undefined && !/^(?:linux|screen|rxvt|st)(?:-|$)/.test(env.TERM ?? "");
}
