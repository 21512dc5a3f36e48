// The twenty servers of chaos-servers.mjs: eleven that behave, from npm, and nine that each misbehave in a way of their own.
// Each says how it is called, so that an answer can be told from another call's.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const fromNpm = (name) => join(dirname(require.resolve(`@modelcontextprotocol/${name}/package.json`)), "dist/index.js");
const hostile = fileURLToPath(new URL("../test/support/hostile-server.mjs", import.meta.url));

/** How long a call may take, waiting for its server included. */
export const DEADLINE_MS = 2_500;

const echo = (number) => ({ tool: "echo", args: { message: `m${number}` }, answer: `Echo: m${number}` });

const everything = (index) => ({
  name: `everything-${index}`,
  args: [fromNpm("server-everything"), "stdio"],
  calls: [
    echo,
    (number) => ({
      tool: "get-sum",
      args: { a: number, b: 1 },
      answer: `The sum of ${number} and 1 is ${number + 1}.`,
    }),
  ],
});

const files = (index, home) => {
  const folder = join(home, `files-${index}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "read.txt"), `the text of ${index}`);
  return {
    name: `files-${index}`,
    args: [fromNpm("server-filesystem"), folder],
    calls: [
      () => ({ tool: "read_text_file", args: { path: join(folder, "read.txt") }, answer: `the text of ${index}` }),
      (number) => {
        const path = join(folder, `written-${number % 10}.txt`);
        return { tool: "write_file", args: { path, content: `${number}` }, answer: `Successfully wrote to ${path}` };
      },
    ],
  };
};

const memory = (index, home) => {
  const file = join(home, `memory-${index}.jsonl`);
  writeFileSync(
    file,
    `${JSON.stringify({ type: "entity", name: `tree-${index}`, entityType: "t", observations: [] })}\n`,
  );
  return {
    name: `memory-${index}`,
    args: [fromNpm("server-memory")],
    env: { MEMORY_FILE_PATH: file },
    calls: [() => ({ tool: "search_nodes", args: { query: `tree-${index}` }, answer: `tree-${index}` })],
  };
};

/** Half of its calls are `echo`, which it answers unless an earlier call has undone it. */
const misbehaving = (name, bad, more = {}) => ({
  name,
  args: [hostile],
  misbehaves: true,
  calls: [echo],
  bad: bad.map(([tool, args = {}]) => ({ tool, args })),
  ...more,
});

/** The first `count` of them; every other one misbehaves until all of those are there. */
export function fleet(count, home) {
  const well = [
    ...[1, 2, 3, 4].map((index) => () => everything(index)),
    ...[1, 2, 3, 4].map((index) => () => files(index, home)),
    ...[1, 2, 3].map((index) => () => memory(index, home)),
  ];
  const bad = [
    misbehaving("exits-mid-reply", [["exit_mid_reply"], ["answer_and_die", { code: 1 }]]),
    misbehaving("wrong-ids", [["wrong_id"]]),
    misbehaving("closes-stdout", [["close_stdout"]]),
    misbehaving("prints-garbage", [["garbage", { lines: 500 }], ["invalid_utf8"]], { args: [hostile, "--banner"] }),
    misbehaving("floods", [
      ["flood_stdout", { lines: 2_000 }],
      ["flood_stderr", { bytes: 300_000 }],
    ]),
    misbehaving("hangs", [["hang"], ["stop_reading"], ["freeze", { ms: 1_500 }]]),
    misbehaving("answers-late", [["late", { ms: DEADLINE_MS + 300 }]]),
    misbehaving("leaks-memory", [["hoard", { bytes: 30_000_000 }]], { settings: 'max_memory = "200MB"' }),
    misbehaving("never-initializes", [], { args: [hostile, "--mute"], mute: true, settings: 'start = "background"' }),
  ];
  const chosen = [];
  while (chosen.length < count && well.length + bad.length > 0) {
    if (well.length > 0) chosen.push(well.splice(chosen.length % well.length, 1)[0]());
    if (chosen.length < count && bad.length > 0) chosen.push(bad.shift());
  }
  return chosen;
}

/** Killed far more often than any server that is left alone for it: here none is ever given up. */
export function settingsText(servers) {
  const blocks = servers.map(({ name, args, env = {}, settings = "" }) => {
    const variables = Object.entries(env).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
    return `[[servers]]
name = "${name}"
command = ${JSON.stringify(process.execPath)}
args = ${JSON.stringify(args)}
env = { ${variables.join(", ")} }
restart = "always"
max_restarts = 1_000
restart_delay = "20ms"
health_interval = "1s"
timeout = "${DEADLINE_MS}ms"
${settings}
`;
  });
  return `[bundled]\nhost = false\ncatalog = false\n[log]\nlevel = "error"\n${blocks.join("")}`;
}
