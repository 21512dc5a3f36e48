import { describe, expect, it } from "vitest";
import { themeChoices, themes } from "../../src/actors/config/themes.js";
import { detectTheme, reflows } from "../../src/ui/abilities.js";
import { channels, colourCode } from "../../src/ui/colour.js";
import { palettes } from "../../src/ui/palettes.js";
import { createTheme, inTheme, themeSample } from "../../src/ui/theme.js";

const tty = { isTTY: true };

describe("what a terminal can show", () => {
  it.each([
    ["a modern terminal", { TERM: "xterm-256color" }, 2],
    ["a plain xterm", { TERM: "xterm" }, 1],
    ["true colour", { TERM: "xterm", COLORTERM: "truecolor" }, 3],
    ["true colour by its name", { TERM: "xterm-kitty" }, 3],
    ["the Linux console", { TERM: "linux" }, 1],
    ["CLICOLOR=0", { TERM: "xterm-256color", CLICOLOR: "0" }, 0],
    ["FORCE_COLOR over CLICOLOR", { TERM: "xterm-256color", CLICOLOR: "0", FORCE_COLOR: "2" }, 2],
    ["FORCE_COLOR=3", { TERM: "xterm", FORCE_COLOR: "3" }, 3],
    ["FORCE_COLOR without a number", { TERM: "xterm-256color", FORCE_COLOR: "" }, 2],
    ["NO_COLOR", { TERM: "xterm-256color", NO_COLOR: "1" }, 0],
    ["NO_COLOR over FORCE_COLOR", { TERM: "xterm-256color", NO_COLOR: "1", FORCE_COLOR: "3" }, 0],
    ["an empty NO_COLOR, which says nothing", { TERM: "xterm-256color", NO_COLOR: "" }, 2],
    ["a dumb terminal", { TERM: "dumb" }, 0],
    ["FORCE_COLOR=0", { TERM: "xterm-256color", FORCE_COLOR: "0" }, 0],
  ])("is read from the environment: %s", (_, env, colour) => {
    expect(detectTheme(env, tty).colour).toBe(colour);
  });

  it("has colours in a pipe where they are demanded", () => {
    const pipe = { isTTY: false };
    expect(detectTheme({ TERM: "xterm-256color", CLICOLOR_FORCE: "1" }, pipe).colour).toBe(2);
    expect(detectTheme({ TERM: "xterm-256color", CLICOLOR_FORCE: "0" }, pipe).colour).toBe(0);
    expect(detectTheme({ TERM: "xterm-256color", FORCE_COLOR: "1" }, pipe).colour).toBe(1);
  });

  it("says which terminals do not wrap anew what stands on them", () => {
    expect(reflows({ TERM: "xterm-256color" })).toBe(true);
    expect(reflows({ TERM: "screen-256color", TMUX: "/tmp/x" })).toBe(true);
    expect([{ TERM: "screen" }, { TERM: "linux" }, { TERM: "xterm", XTERM_VERSION: "XTerm(390)" }].some(reflows)).toBe(
      false,
    );
  });

  it("has no colours and no styles where the output is no terminal", () => {
    const theme = detectTheme({ TERM: "xterm-256color" }, { isTTY: false });
    expect(theme.error("x") + theme.bold("x")).toBe("xx");
  });

  it("uses ASCII alone where Unicode is not known", () => {
    expect(detectTheme({ TERM: "xterm", LANG: "C" }, tty).glyphs.prompt).toBe(">");
    expect(detectTheme({ TERM: "linux" }, tty).glyphs.prompt).toBe(">");
    expect(detectTheme({ TERM: "xterm", LANG: "de_DE.UTF-8" }, tty).glyphs.prompt).toBe("›");
  });

  it("makes links clickable only where the terminal is known to, and not inside tmux", () => {
    expect(detectTheme({ TERM: "xterm-kitty" }, tty).hyperlinks).toBe(true);
    expect(detectTheme({ TERM: "xterm-kitty", TMUX: "/tmp/x" }, tty).hyperlinks).toBe(false);
    expect(detectTheme({ TERM: "xterm-256color" }, tty).hyperlinks).toBe(false);
  });
});

describe("painting", () => {
  it("uses only the terminal's own 16 colours where it has no more", () => {
    expect(createTheme({ colour: 1 }).accent("x")).toBe("\u001B[36mx\u001B[39m");
    expect(createTheme({ colour: 2 }).accent("x")).toMatch(/38;5;\d+m/);
  });

  it("opens the outer style again after an inner one of the same kind", () => {
    const { error, ok } = createTheme({ colour: 1 });
    expect(error(`a${ok("b")}c`)).toBe("\u001B[31ma\u001B[32mb\u001B[31mc\u001B[39m");
  });

  it("without colour still dims, makes bold and inverts: those are no colours", () => {
    const theme = createTheme({ colour: 0 });
    expect(theme.muted("x")).toBe("\u001B[2mx\u001B[22m");
    expect(theme.error("x")).toBe("x");
    expect(theme.inverse("x")).toBe("\u001B[7mx\u001B[27m");
  });

  it("takes the theme the user names over the background that the terminal tells", () => {
    const env = { TERM: "xterm-256color", COLORFGBG: "0;15" };
    expect(detectTheme(env, tty).name).toBe("light");
    expect(detectTheme({ TERM: "xterm-256color" }, tty).name).toBe("dark");
    expect(detectTheme(env, tty, "solarized-dark").name).toBe("solarized-dark");
  });
});

describe("the themes", () => {
  const names = themeChoices.flatMap((name) => (name === "auto" ? [] : [name]));
  const coloured = names.flatMap((name) => {
    const { background, colours } = palettes[name];
    return colours === undefined ? [] : [{ name, background, colours }];
  });

  it("can all be chosen", () => {
    expect(names).toEqual(Object.keys(themes));
  });

  // The backgrounds people have: black, the greys of editors, Solarized's own.
  const backgrounds = { dark: ["#000000", "#1e1e1e"], light: ["#ffffff", "#fafafa"] };
  const own: { readonly [name: string]: readonly string[] } = {
    "solarized-dark": ["#002b36"],
    "solarized-light": ["#fdf6e3"],
    "high-contrast": ["#000000"],
    "high-contrast-light": ["#ffffff"],
  };

  it.each(coloured)(
    "$name can be read: every colour has the contrast that is asked of text",
    ({ name, background, colours }) => {
      const least = name.startsWith("high-contrast") ? 7 : 4.5;
      for (const [role, colour] of Object.entries(colours)) {
        for (const behind of own[name] ?? backgrounds[background]) {
          expect(contrast(colour, behind), `${role} on ${behind}`).toBeGreaterThanOrEqual(least);
        }
      }
    },
  );

  it.each(names)("%s is told by every colour level, and none of it is left where there are no colours", (name) => {
    const codes = (colour: 0 | 1 | 2 | 3): string[] =>
      themeSample(createTheme({ name, colour })).match(/\u001B\[[\d;]*m/g) ?? [];
    expect(codes(0).join("")).not.toMatch(/\[(3|9)\d/);
    // Of 16 colours only those whose owner suits them to the background, and what is muted is dim.
    expect(codes(1).every((code) => /^\u001B\[(0|1|2|3|4|22|23|24|3[1-9]|94)m$/.test(code))).toBe(true);
    expect(codes(2).join("")).not.toContain("38;2;");
    const bare = themeSample(createTheme({ name, colour: 0, styles: false }));
    for (const colour of [1, 2, 3] as const) {
      expect(themeSample(createTheme({ name, colour })).replace(/\u001B\[[\d;]*m/g, "")).toBe(bare);
    }
  });

  it("change without forgetting what the terminal can", () => {
    const mono = inTheme(createTheme({ name: "dark", colour: 3, unicode: false }), "mono");
    expect([mono.colour, mono.glyphs.prompt]).toEqual([0, ">"]);
    expect(inTheme(mono, "solarized-dark").colour).toBe(3);
  });

  it.each([
    ["#5fd7af", 2, "38;5;79"],
    ["#5fd7af", 3, "38;5;79"],
    ["#2aa198", 2, "38;5;36"],
    ["#2aa198", 3, "38;2;42;161;152"],
    ["#8a8a8a", 3, "38;5;245"],
  ] as const)("%s is written for level %i as %s", (colour, level, code) => {
    expect(colourCode(colour, level)).toBe(code);
  });
});

/** As WCAG counts it: 1 is none, 21 black on white. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = channels(colour).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((first, second) => first - second);
  return (lighter + 0.05) / (darker + 0.05);
}
