// Plain Ink: the whole transcript is one component, rendered anew for every token.
import "../../dist/ui/loading/ink.js";
import { Box, render, Text } from "ink";
import { createElement as h, useSyncExternalStore } from "react";
import { detectTheme } from "../../dist/ui/abilities.js";
import { loadHighlighter } from "../../dist/ui/code.js";
import { renderMarkdown } from "../../dist/ui/markdown.js";

const theme = detectTheme(process.env, process.stdout);
const columns = process.stdout.columns - 2;
let text = "";
let changed = () => {};

function App() {
  const shown = useSyncExternalStore(
    (listener) => {
      changed = listener;
      return () => {};
    },
    () => text,
  );
  return h(
    Box,
    { flexDirection: "column" },
    h(Text, null, renderMarkdown(shown, columns, theme).join("\n")),
    h(Text, null, "› Ask anything"),
    h(Text, null, "  answering"),
  );
}

export async function open() {
  await loadHighlighter();
  const ink = render(h(App), { patchConsole: false, exitOnCtrlC: false });
  return {
    push(token) {
      text += token;
      changed();
    },
    finish() {},
    close: () => ink.unmount(),
  };
}
