// The colours of each theme, by what they mean. All of them can be read on the background they are made for; palettes.test.ts
// measures it. Those of `dark` and `light` are among the 256, which take fewer bytes.
import type { ThemeName } from "../actors/config/themes.js";

/** What a colour can mean on the screen. */
export type Role =
  | "accent"
  | "muted"
  | "ok"
  | "warn"
  | "error"
  | "link"
  | "code"
  | "keyword"
  | "string"
  | "number"
  | "attribute";

export interface Palette {
  readonly background: "dark" | "light";
  /** `#rrggbb`; without it the theme has no colours. */
  readonly colours?: { readonly [role in Role]: string };
}

export const palettes: { readonly [name in ThemeName]: Palette } = {
  dark: {
    background: "dark",
    colours: {
      accent: "#5fd7af",
      muted: "#8a8a8a",
      ok: "#5faf5f",
      warn: "#d7af5f",
      error: "#d75f5f",
      link: "#5fafff",
      code: "#afd7d7",
      keyword: "#af87d7",
      string: "#87af87",
      number: "#d7875f",
      attribute: "#87afd7",
    },
  },
  light: {
    background: "light",
    colours: {
      accent: "#005f5f",
      muted: "#6c6c6c",
      ok: "#005f00",
      warn: "#875f00",
      error: "#af0000",
      link: "#005faf",
      code: "#005f87",
      keyword: "#8700af",
      string: "#005f00",
      number: "#875f00",
      attribute: "#005f87",
    },
  },
  "solarized-dark": {
    background: "dark",
    colours: {
      accent: "#2aa198",
      muted: "#839496",
      ok: "#859900",
      warn: "#b58900",
      error: "#f2746c",
      link: "#5aaee8",
      code: "#93a1a1",
      keyword: "#9a9ee6",
      string: "#2aa198",
      number: "#e8844a",
      attribute: "#b58900",
    },
  },
  "solarized-light": {
    background: "light",
    colours: {
      accent: "#13716a",
      muted: "#586e75",
      ok: "#5a6800",
      warn: "#7d5f00",
      error: "#c4221f",
      link: "#1a65a3",
      code: "#073642",
      keyword: "#5156a8",
      string: "#13716a",
      number: "#a83a0d",
      attribute: "#7d5f00",
    },
  },
  "high-contrast": {
    background: "dark",
    colours: {
      accent: "#00ffff",
      muted: "#d0d0d0",
      ok: "#5fff5f",
      warn: "#ffff00",
      error: "#ff8787",
      link: "#87d7ff",
      code: "#ffffff",
      keyword: "#ffafff",
      string: "#afffaf",
      number: "#ffd75f",
      attribute: "#87d7ff",
    },
  },
  "high-contrast-light": {
    background: "light",
    colours: {
      accent: "#005f5f",
      muted: "#444444",
      ok: "#005f00",
      warn: "#5f3f00",
      error: "#870000",
      link: "#0000af",
      code: "#000000",
      keyword: "#5f005f",
      string: "#005f00",
      number: "#5f3f00",
      attribute: "#00005f",
    },
  },
  mono: { background: "dark" },
};

/**
 * Each role as one of the terminal's own 16, which its owner has chosen to suit its background: on a dark and on a light one. Only what
 * is known to be hard to read is left out: blue on black, yellow on white, and the bright black that some schemes give to
 * their background (what is muted is dim instead).
 */
export const SIXTEEN: { readonly [role in Exclude<Role, "muted">]: { readonly dark: number; readonly light: number } } =
  {
    accent: { dark: 36, light: 36 },
    ok: { dark: 32, light: 32 },
    warn: { dark: 33, light: 35 },
    error: { dark: 31, light: 31 },
    link: { dark: 94, light: 34 },
    code: { dark: 36, light: 36 },
    keyword: { dark: 35, light: 35 },
    string: { dark: 32, light: 32 },
    number: { dark: 33, light: 31 },
    attribute: { dark: 36, light: 34 },
  };
