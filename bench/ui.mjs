// What it costs to stream an answer of 5,000 tokens of Markdown (25 KB, ten code blocks) at 500 tokens a second to a terminal of 100
// by 30: Banyan's own screen, beside plain Ink and the best that Ink alone does, each in a process of its own, in turn in every
// round. What arrived is then shown by xterm's emulator and compared with the Markdown, word by word.
//   node bench/ui.mjs [--json] [--rounds=3]     (from dist/: npm run build first)
//
// CPU is the process's own while the answer streams, its start not counted; lag is the longest time the event loop was held.
// Fails where Banyan writes more bytes or takes more CPU than the best of Ink, wipes the screen, or loses or doubles a word.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import xterm from "@xterm/headless";
import { renderMarkdown } from "../dist/ui/markdown.js";
import { createTheme } from "../dist/ui/theme.js";
import { answer, TOKENS } from "./ui/answer.mjs";

const given = process.argv.slice(2);
const rounds = Number(given.find((option) => option.startsWith("--rounds="))?.slice("--rounds=".length) ?? 3);
const rows = { plain: "plain Ink", static: "best of Ink", banyan: "Banyan" };
const [columns, height] = [100, 30];
const program = fileURLToPath(new URL("ui/row.mjs", import.meta.url));
const wanted = words(renderMarkdown(answer, columns - 2, createTheme()).map(stripVTControlCharacters));

function words(lines) {
  return lines.join(" ").split(/\s+/).filter(Boolean);
}

async function run(row) {
  const child = spawn(process.execPath, [program, row], { stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const [written, problems, measured, status] = await Promise.all([
    all(child.stdout),
    all(child.stderr),
    all(child.stdio[3]),
    new Promise((resolve) => child.once("exit", resolve)),
  ]);
  if (status !== 0) throw new Error(`${row} ended with ${status}: ${problems}`);
  const text = written.toString("utf8");
  const shown = words(await emulated(text));
  const from = shown.findIndex((_, at) => wanted.slice(0, 8).every((word, index) => shown[at + index] === word));
  const around = [...shown.slice(0, Math.max(0, from)), ...shown.slice(from + wanted.length)];
  return {
    ...JSON.parse(measured.toString("utf8")),
    bytes: written.length,
    wipes: (text.match(/\u001B\[[23]J/g) ?? []).length,
    exact: wanted.every((word, index) => shown[from + index] === word) && !around.includes("Part"),
  };
}

async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** All lines of the terminal and its scrollback, after these bytes. */
async function emulated(text) {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows: height,
    scrollback: 100_000,
    convertEol: true,
    allowProposedApi: true,
  });
  await new Promise((done) => terminal.write(text, done));
  const { active } = terminal.buffer;
  return Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? "");
}

const runs = { plain: [], static: [], banyan: [] };
for (let round = 0; round < rounds; round++) {
  for (const row of Object.keys(rows)) runs[row].push(await run(row));
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

const results = Object.fromEntries(
  Object.entries(runs).map(([row, list]) => {
    const of = (key) => list.map((one) => one[key]);
    const cpu = of("cpuMs");
    return [
      row,
      {
        cpuMs: Math.round(median(cpu)),
        cpuSpreadMs: [Math.round(Math.min(...cpu)), Math.round(Math.max(...cpu))],
        bytes: Math.round(median(of("bytes"))),
        frames: median(of("frames")),
        wipes: Math.max(...of("wipes")),
        lagMs: Math.round(median(of("lagMs"))),
        exact: of("exact").every(Boolean),
      },
    ];
  }),
);

const { static: best, banyan } = results;
const faults = [
  banyan.bytes < best.bytes ? "" : "writes more bytes than the best of Ink",
  banyan.cpuMs < best.cpuMs ? "" : "takes more CPU than the best of Ink",
  banyan.wipes === 0 ? "" : "wipes the screen",
  banyan.exact ? "" : "loses or doubles words",
].filter((fault) => fault !== "");

if (given.includes("--json")) {
  console.log(
    JSON.stringify(
      { node: process.version, rounds, tokens: TOKENS, markdown: answer.length, results, faults },
      null,
      2,
    ),
  );
} else {
  console.log(`Node ${process.version}, ${answer.length} characters in ${TOKENS} tokens, median of ${rounds}`);
  console.table(
    Object.fromEntries(
      Object.entries(results).map(([row, one]) => [
        rows[row],
        {
          "CPU ms": one.cpuMs,
          spread: one.cpuSpreadMs.join("-"),
          KB: Math.round(one.bytes / 1_000),
          writes: one.frames,
          wipes: one.wipes,
          "worst lag ms": one.lagMs,
          "nothing lost or doubled": one.exact,
        },
      ]),
    ),
  );
  for (const fault of faults) console.error(`Banyan ${fault}`);
}
process.exitCode = faults.length === 0 ? 0 : 1;
