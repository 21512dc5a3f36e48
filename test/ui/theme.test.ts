import { describe, expect, it } from "vitest";
import { createTheme, detectTheme } from "../../src/ui/theme.js";

const tty = { isTTY: true };

describe("what a terminal can show", () => {
  it.each([
    ["a modern terminal", { TERM: "xterm-256color" }, 2],
    ["a plain xterm", { TERM: "xterm" }, 1],
    ["true colour", { TERM: "xterm", COLORTERM: "truecolor" }, 2],
    ["NO_COLOR", { TERM: "xterm-256color", NO_COLOR: "1" }, 0],
    ["NO_COLOR over FORCE_COLOR", { TERM: "xterm-256color", NO_COLOR: "1", FORCE_COLOR: "3" }, 0],
    ["an empty NO_COLOR, which says nothing", { TERM: "xterm-256color", NO_COLOR: "" }, 2],
    ["a dumb terminal", { TERM: "dumb" }, 0],
    ["FORCE_COLOR=0", { TERM: "xterm-256color", FORCE_COLOR: "0" }, 0],
  ])("is read from the environment: %s", (_, env, colour) => {
    expect(detectTheme(env, tty).colour).toBe(colour);
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

  it("takes the background the user names over what the terminal tells", () => {
    const env = { TERM: "xterm-256color", COLORFGBG: "0;15" };
    expect(detectTheme(env, tty, "dark").accent("x")).toBe(detectTheme({ TERM: "xterm-256color" }, tty).accent("x"));
    expect(detectTheme(env, tty).accent("x")).toBe(detectTheme({ TERM: "xterm-256color" }, tty, "light").accent("x"));
    expect(detectTheme(env, tty, "dark").accent("x")).not.toBe(detectTheme(env, tty).accent("x"));
  });
});
