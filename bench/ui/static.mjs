// What was measured to be the best way with Ink alone: finished blocks in <Static> within a memo component, lines of a fence one by
// one, deltas gathered for 50 ms, and a live tail of at most 20 lines.
import "../../dist/ui/loading/ink.js";
import { Box, render, Static, Text } from "ink";
import { createElement as h, memo, useSyncExternalStore } from "react";
import { detectTheme } from "../../dist/ui/abilities.js";
import { AnswerFeed } from "../../dist/ui/answer-feed.js";
import { loadHighlighter } from "../../dist/ui/code.js";
import { liveAnswerLines } from "../../dist/ui/components/live-answer.js";
import { entryLines } from "../../dist/ui/entries.js";

const GATHER_MS = 50;
const TALLEST_TAIL = 20;

const theme = detectTheme(process.env, process.stdout);
const { columns } = process.stdout;
const feed = new AnswerFeed("a", theme);
let view = { blocks: [], tail: "" };
let pending = [];
let gathering = false;
let changed = () => {};
const listen = (listener) => {
  changed = listener;
  return () => {};
};

const Finished = memo(({ blocks }) => h(Static, { items: blocks }, ({ key, text }) => h(Text, { key }, text)));

function App() {
  const { blocks, tail } = useSyncExternalStore(listen, () => view);
  return h(
    Box,
    { flexDirection: "column" },
    h(Finished, { blocks }),
    h(Text, null, tail),
    h(Text, null, "› Ask anything"),
    h(Text, null, "  answering"),
  );
}

function show() {
  gathering = false;
  const from = view.blocks.length;
  const added = pending.map((entry, index) => ({
    key: from + index,
    text: entryLines(entry, columns, theme)
      .map((line) => line || " ")
      .join("\n"),
  }));
  pending = [];
  const lines = feed.tail === undefined ? [] : liveAnswerLines(feed.tail, columns, TALLEST_TAIL, theme);
  view = { blocks: added.length === 0 ? view.blocks : [...view.blocks, ...added], tail: lines.join("\n") };
  changed();
}

export async function open() {
  await loadHighlighter();
  const ink = render(h(App), { patchConsole: false, exitOnCtrlC: false });
  const take = (entries) => {
    pending.push(...entries);
    if (!gathering) setTimeout(show, GATHER_MS);
    gathering = true;
  };
  return {
    push: (token) => take(feed.push(token)),
    finish: () => take(feed.finish()),
    close: () => ink.unmount(),
  };
}
