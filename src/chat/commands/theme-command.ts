// /theme: which colours there are, and others at once. The screen listens to the settings, so a theme is chosen by setting `ui.theme`.
import { again } from "../../actors/again.js";
import { isThemeName, type ThemeName, themes } from "../../actors/config/themes.js";
import { answering } from "../answering.js";
import type { QuickCommand } from "../command.js";
import { oneOf } from "../suggestions.js";
import { changeSetting } from "./settings-change.js";

const AUTO = "dark or light, as the terminal tells its background";

export const themeCommand: QuickCommand = {
  name: "theme",
  group: "app",
  summary: "show the themes with a sample of each, or take one from now on",
  usage: ["", "NAME"],
  examples: ["/theme", "/theme solarized-dark", "/theme auto"],
  complete: oneOf({ auto: AUTO, ...themes }),
  run: answering(async (context, rest) => {
    const wanted = rest.trim().toLowerCase();
    if (wanted !== "auto" && !isThemeName(wanted)) {
      const { ui } = await again(() => context.use(context.names.config).call.get());
      return list(ui.theme, wanted);
    }
    await changeSetting(context, "ui.theme", wanted);
    return wanted === "auto" ? `The theme is ${AUTO}.` : `The theme is \`${wanted}\`, ${themes[wanted]}.`;
  }),
};

/** The screen draws a block of the language `theme` in the colours of the themes it names. */
function list(current: string, wanted: string): string {
  const names = Object.keys(themes) as ThemeName[]; // keyof is lost by Object.keys
  const rows = names.map((name) => `| \`${name}\` | ${themes[name]}${name === current ? ", in use" : ""} |`);
  return [
    ...(wanted === "" ? [] : [`There is no theme ${JSON.stringify(wanted)}.`, ""]),
    "| theme | made |",
    "| --- | --- |",
    `| \`auto\` | ${AUTO}${current === "auto" ? ", in use" : ""} |`,
    ...rows,
    "",
    "```theme",
    ...names,
    "```",
  ].join("\n");
}
