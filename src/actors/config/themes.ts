// The screen's themes by name, each with what it is for. What they look like is the screen's own matter.
export const themes = {
  dark: "for a dark background",
  light: "for a light background",
  "solarized-dark": "after Solarized, for its dark background",
  "solarized-light": "after Solarized, for its light background",
  "high-contrast": "the brightest colours, for a black background",
  "high-contrast-light": "the darkest colours, for a white background",
  mono: "no colours, only bold, dim and underlined",
} as const;

export type ThemeName = keyof typeof themes;

export function isThemeName(name: string): name is ThemeName {
  return Object.hasOwn(themes, name);
}

/** What `ui.theme` may be: `auto` goes by the terminal's background. */
export const themeChoices = [
  "auto",
  "dark",
  "light",
  "solarized-dark",
  "solarized-light",
  "high-contrast",
  "high-contrast-light",
  "mono",
] as const satisfies readonly ("auto" | ThemeName)[];

export type ThemeChoice = (typeof themeChoices)[number];
