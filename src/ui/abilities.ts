// What the terminal can show, as its environment tells it: colours, Unicode, links, the background, and whether it wraps anew.
// Ink's own look at it is not used, because that is taken once per program from the real stdout; a test or a second screen could
// not then differ.
import type { ThemeChoice } from "../actors/config/themes.js";
import type { ColourLevel } from "./colour.js";
import { createTheme, type Theme } from "./theme.js";

/** Environment variables, as in `process.env`. */
export interface Environment {
  readonly [name: string]: string | undefined;
}

/**
 * The theme as this terminal can show it, read from `NO_COLOR`, `FORCE_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE`, `TERM`, `COLORTERM`,
 * `COLORFGBG` and the locale. `auto` goes by the background that the terminal tells, dark where it does not. `spoken`: for a screen
 * reader.
 */
export function detectTheme(
  env: Environment,
  output: { readonly isTTY?: boolean | undefined },
  choice: ThemeChoice = "auto",
  spoken = false,
): Theme {
  const styles = output.isTTY === true && env.TERM !== "dumb";
  return createTheme({
    name: choice === "auto" ? toldBackground(env) : choice,
    colour: colourLevel(env, styles),
    styles,
    unicode: knowsUnicode(env),
    hyperlinks: styles && knowsHyperlinks(env),
    spoken,
  });
}

/** Whether a terminal wraps anew what stands on it when its width changes: nearly all do; these are known not to. */
export function reflows(env: Environment): boolean {
  if (env.TMUX !== undefined) return true;
  return env.XTERM_VERSION === undefined && !/^(?:linux|screen|rxvt|st)(?:-|$)/.test(env.TERM ?? "");
}

function toldBackground(env: Environment): "dark" | "light" {
  return /;(7|15)$/.test(env.COLORFGBG ?? "") ? "light" : "dark";
}

/** Which says more is asked first: what the user forbids, what the user demands, what the terminal knows. */
function colourLevel(env: Environment, capable: boolean): ColourLevel {
  if ((env.NO_COLOR ?? "") !== "") return 0;
  const known = knownColours(env);
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) {
    if (forced === "0" || forced === "false") return 0;
    return forced === "3" ? 3 : forced === "2" ? 2 : forced === "1" ? 1 : known;
  }
  if (!["", "0"].includes(env.CLICOLOR_FORCE ?? "")) return known;
  return capable && env.CLICOLOR !== "0" ? known : 0;
}

function knownColours(env: Environment): ColourLevel {
  const term = env.TERM ?? "";
  if (/^(truecolor|24bit)$/.test(env.COLORTERM ?? "") || /direct|kitty|ghostty|alacritty|wezterm/.test(term)) return 3;
  if (env.WT_SESSION !== undefined || /^(iTerm\.app|WezTerm|vscode)$/.test(env.TERM_PROGRAM ?? "")) return 3;
  return term.includes("256") ? 2 : 1;
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
