// /tui: the panels that a screen shows above the line being written.
import type { QuickCommand } from "../command.js";
import type { Panel } from "../events.js";
import { startingWith } from "../suggestions.js";

const SHOWN: { readonly [word: string]: readonly Panel[] | undefined } = {
  progress: ["progress"],
  cache: ["cache"],
  both: ["progress", "cache"],
};
const WORDS = ["show progress", "show cache", "show both", "hide", "toggle"].map((name) => ({ name, summary: "" }));

export const tuiCommand: QuickCommand = {
  name: "tui",
  group: "app",
  summary: "show panels above the line you write: the tools that run, the resources that are kept",
  usage: ["show progress|cache|both", "hide", "toggle"],
  examples: ["/tui show both", "/tui hide"],
  complete: (typed) => startingWith(typed, WORDS),
  run: async ({ showPanels }, rest) => {
    const [verb = "", what = "both"] = rest.trim().toLowerCase().split(/\s+/);
    const shown = SHOWN[what];
    if (!/^(?:show|hide|toggle)$/.test(verb) || shown === undefined) {
      return "Write `/tui show progress`, `/tui show cache`, `/tui show both`, `/tui hide` or `/tui toggle`.";
    }
    const isSeen = showPanels(verb === "toggle" ? "toggle" : verb === "hide" ? [] : shown);
    return isSeen ? undefined : "No screen here shows panels; `/progress` and `/cache` print what they would show.";
  },
};
