// The view as lines, as many as the terminal has and no wider: one about the app, the table or a panel, and one for keys. Where the
// width does not suffice, the columns that tell the least go first.
import type { ToldReport } from "../../actors/control/protocol.js";
import { treeLines } from "../../supervision/index.js";
import { duration } from "../figures.js";
import type { Size } from "../layout.js";
import { type Column, cellsOf, columnsThatFit, GAP, scrolled, titlesOf, windowAround } from "../list-lines.js";
import { clip, oneLine, pad, prose, width, wrapExact } from "../text.js";
import type { Theme } from "../theme.js";
import type { Row } from "./rows.js";
import { type ObserveState, titleOf } from "./view.js";

const COLUMNS: readonly Column<Row>[] = [
  {
    title: "STATUS",
    width: 10,
    rank: 0,
    cell: ({ node }) => (node.parked === undefined ? node.status : "parked"),
    paint: ({ node }, theme) => {
      if (node.parked !== undefined || node.status === "stopped") return theme.error;
      return node.status === "running" ? theme.ok : theme.warn;
    },
  },
  {
    title: "MAILBOX",
    width: 7,
    rank: 2,
    align: "right",
    cell: ({ node }) => (node.mailbox === 0 ? "·" : `${node.mailbox}`),
    paint: ({ node }, theme) => (node.mailbox > 0 ? theme.warn : plain),
  },
  {
    title: "RESTARTS",
    width: 8,
    rank: 1,
    align: "right",
    cell: ({ node }) => (node.restarts === 0 ? "·" : `${node.restarts}`),
    paint: ({ node }, theme) => (node.restarts > 0 ? theme.warn : plain),
  },
  {
    title: "MEMORY",
    width: 8,
    rank: 3,
    align: "right",
    cell: ({ memory }) => (memory === undefined ? "" : megabytes(memory)),
  },
  { title: "CPU", width: 6, rank: 4, align: "right", cell: ({ cpu }) => (cpu === undefined ? "" : percent(cpu)) },
];
const NARROWEST_NAME = 24;
const WIDEST_NAME = 48;
/** A label needs this much room to say something. */
const NARROWEST_LABEL = 12;
/** A look that is older than this, in milliseconds, is not the present any more. */
const STALE_MS = 5_000;

const HELP: readonly (readonly [string, string])[] = [
  ["↑ ↓ PgUp PgDn Home End", "choose a process"],
  ["Enter", "inspect it: what it is doing and its state, without secrets"],
  ["f", "follow its reports: crashes, restarts, warnings; at the top of the tree, everybody's"],
  ["r", "restart it: ended in order, and started again by its supervisor"],
  ["s", "suspend it, or let it go on: its messages wait meanwhile"],
  ["k", "kill it: its supervisor answers as to any crash"],
  ["/", "show only what fits: a name, a class, a status; Esc shows all again"],
  ["Esc, q, Ctrl-C", "leave; the app goes on"],
  ["MEMORY, CPU", "of the whole program at the top, and of the programs of the system below it"],
];

/** `scrolledTo` hears how far a panel could be scrolled at most. */
export function observeLines(
  state: ObserveState,
  size: Size,
  theme: Theme,
  now: number,
  scrolledTo: (scroll: number) => void = () => {},
): string[] {
  const { columns, rows } = size;
  const head = [headLine(state, theme, now)];
  const foot = [footLine(state, theme)];
  const height = Math.max(1, rows - head.length - foot.length);
  const body = bodyLines(state, { columns, rows: height }, theme, scrolledTo);
  const blank = Array.from({ length: Math.max(0, height - body.length) }, () => "");
  return [...head, ...body.slice(0, height), ...blank, ...foot].map((line) => clip(line, columns));
}

function headLine({ pid, connected, others, snapshot }: ObserveState, theme: Theme, now: number): string {
  const dot = theme.muted(` ${theme.glyphs.note} `);
  if (!connected) {
    const text = `The app with the pid ${pid ?? "?"} has ended; waiting for the next (q leaves).`;
    return theme.warn(text);
  }
  if (snapshot === undefined) return theme.muted(`pid ${pid}`);
  const { app, at } = snapshot;
  const age = now - at;
  const parts = [
    theme.bold("banyan") + theme.muted(` ${oneLine(app.version)}`),
    `pid ${app.pid}`,
    age > STALE_MS ? theme.error(`no answer for ${duration(age)}`) : undefined,
    others > 0 ? theme.warn(`${others} more running, see --pid`) : undefined,
    `up ${duration(Math.max(0, at - app.startedAt))}`,
    `${treeLines(snapshot.tree).length} processes`,
    theme.muted(oneLine(app.cwd)),
  ];
  return parts.filter((part) => part !== undefined).join(dot);
}

function footLine({ question, note, typing, filter, panel }: ObserveState, theme: Theme): string {
  const dot = theme.muted(` ${theme.glyphs.note} `);
  if (question !== undefined) {
    const what = question.action === "kill" ? "Kill" : "Restart";
    return theme.warn(`${what} ${oneLine(question.title)}? `) + theme.bold("y/n");
  }
  if (typing)
    return `${theme.accent("/")}${oneLine(filter)}${theme.inverse(" ")}  ${theme.muted("Enter keeps it, Esc shows all")}`;
  if (note !== undefined) return (note.bad ? theme.error : theme.ok)(oneLine(note.text));
  const keys =
    panel === "tree"
      ? ["? help", "Esc leaves", "Enter inspect", "f reports", "/ filter", "r restart", "s suspend", "k kill"]
      : ["↑↓ scroll", "Esc back", "Ctrl-C quit"];
  const active = filter === "" ? [] : [theme.accent(`filter "${oneLine(filter)}", Esc shows all`)];
  return [...active, ...keys.map((key) => theme.muted(key))].join(dot);
}

function bodyLines(
  state: ObserveState,
  size: Size,
  theme: Theme,
  scrolledTo: (scroll: number) => void,
): readonly string[] {
  switch (state.panel) {
    case "tree":
      return tableLines(state, size, theme);
    case "inspect":
      return scrolled(inspectLines(state, size, theme), state.scroll, size.rows, scrolledTo);
    case "reports":
      return reportsPanel(state, size, theme, scrolledTo);
    case "help":
      return scrolled(helpLines(size, theme), state.scroll, size.rows, scrolledTo);
  }
}

function tableLines({ rows, selected }: ObserveState, { columns, rows: height }: Size, theme: Theme): string[] {
  if (rows.length === 0) return [theme.muted("The tree is not known yet.")];
  const names = rows.map((row) => row.branch + oneLine(titleOf(row)));
  const nameWidth = Math.min(WIDEST_NAME, Math.max(NARROWEST_NAME, ...names.map(width)), columns);
  const shown = columnsThatFit(COLUMNS, columns - nameWidth);
  const taken = nameWidth + shown.reduce((sum, column) => sum + GAP + column.width, 0);
  const labelWidth = columns - taken - GAP;
  const heading = theme.muted(pad("PROCESS", nameWidth) + titlesOf(shown));
  const lines = rows.map((row, index) => {
    const marked = row.key === selected;
    const name = pad(clip(names[index] ?? "", nameWidth), nameWidth);
    const label = labelWidth < NARROWEST_LABEL ? "" : " ".repeat(GAP) + clip(labelOf(row), labelWidth);
    const line = name + cellsOf(shown, row, marked, theme) + (marked ? label : theme.muted(label));
    return marked ? theme.inverse(pad(line, columns)) : line;
  });
  const at = Math.max(
    0,
    rows.findIndex(({ key }) => key === selected),
  );
  return [heading, ...windowAround(lines, at, height - 1)];
}

function labelOf({ node, condition }: Row): string {
  return oneLine(node.parked === undefined ? (node.label ?? "") : condition);
}

function inspectLines({ inspected, rows, selected, reports }: ObserveState, { columns }: Size, theme: Theme): string[] {
  if (inspected === undefined) return [];
  const row = rows.find(({ key }) => key === selected);
  const crash = row && reports.findLast((report) => report.kind === "crash" && isAbout(report, row));
  const { process, supervisor, state, stateMissing } = inspected;
  const facts: [string, string | number | undefined][] = [
    ["process", process.name],
    ["id", process.id],
    ["class", process.behaviour],
    ["supervisor", supervisor],
    ["restart", process.restart],
    ["status", process.parked === undefined ? process.status : `parked: ${process.parked.reason}`],
    ["started", new Date(process.startedAt).toLocaleString("sv")],
    ["handled", process.handled],
    ["mailbox", process.mailbox],
    ["restarts", process.restarts],
    ["zombies", process.zombies === 0 ? undefined : process.zombies],
    ["label", process.label],
    ["links", inspected.links?.join(", ")],
    ["last crash", crash && `${new Date(crash.at).toLocaleTimeString()}: ${crash.reason ?? "for no known reason"}`],
  ];
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [theme.muted(pad(name, 12)) + oneLine(String(value))],
  );
  if (stateMissing !== undefined) return [...lines, "", theme.warn(`No state: ${oneLine(stateMissing)}`)];
  const text = JSON.stringify(state, undefined, 2) ?? "(none)";
  return [...lines, "", theme.muted("state"), ...text.split("\n").flatMap((line) => wrapExact(line, columns))];
}

function reportsPanel(state: ObserveState, size: Size, theme: Theme, told: (scroll: number) => void): string[] {
  const { rows, selected, reports } = state;
  const row = rows.find(({ key }) => key === selected) ?? rows[0];
  if (row === undefined) return [];
  const isTop = row.key === rows[0]?.key;
  const heard = isTop ? reports : reports.filter((report) => isAbout(report, row));
  const title = theme.muted(`Reports about ${isTop ? "everybody" : oneLine(titleOf(row))}, the newest first`);
  const lines = heard.toReversed().flatMap((report) => reportLines(report, size.columns, theme));
  const shown = lines.length > 0 ? lines : [theme.muted("Nothing since this view was opened.")];
  return [title, ...scrolled(shown, state.scroll, size.rows - 1, told)];
}

/** A report of a supervisor is about itself and about the child it names. */
function isAbout(report: ToldReport, { node }: Row): boolean {
  const { child } = report;
  const ids = [report.id, report.name, ...(typeof child === "object" && child !== null ? Object.values(child) : [])];
  return report.kind === "lost" || ids.includes(node.id) || (node.name !== undefined && ids.includes(node.name));
}

function reportLines(report: ToldReport, columns: number, theme: Theme): string[] {
  const { kind, at, reason, context, description, child } = report;
  const time = new Date(at).toTimeString().slice(0, 8);
  const who = nameIn(child) ?? report.name ?? report.id;
  const what = typeof context === "string" ? context.replaceAll("_", " ") : kind;
  const why = [description, reason].filter((text) => typeof text === "string").join(": ");
  const paint = kind === "crash" || kind === "alert" ? theme.error : kind === "progress" ? theme.ok : theme.warn;
  const first = `${theme.muted(time)}  ${paint(pad(what, 16))}  ${oneLine(who)}`;
  return why === "" ? [first] : [first, ...prose(oneLine(why), columns - 10).map((line) => " ".repeat(10) + line)];
}

function nameIn(child: unknown): string | undefined {
  if (typeof child !== "object" || child === null) return undefined;
  const { name, id }: { name?: unknown; id?: unknown } = child;
  const known = name ?? id;
  return typeof known === "string" ? known : undefined;
}

function helpLines({ columns }: Size, theme: Theme): string[] {
  return HELP.flatMap(([keys, text]) => {
    const lines = prose(text, Math.max(20, columns - 26));
    return lines.map((line, index) => (index === 0 ? theme.accent(pad(keys, 24)) : " ".repeat(24)) + line);
  });
}

function plain(text: string): string {
  return text;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MB`;
}

function percent(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}%`;
}
