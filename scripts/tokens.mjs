// What lists cost a model, in tokens of o200k: the list of every tool and of every agent, skill and workflow, against exposure =
// "search", where a model finds what a task needs, has it shown, and calls it. Both are taken from a `banyan serve` that runs, with
// the servers of npm behind it, and the call and its answer are counted on both sides.
//   npm run build && npm run tokens [-- --json]      (the corpus: BANYAN_CORPUS, or ../shared/data/corpus beside the checkout)
// Exits with 1 where less than 90% is saved.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { openIndex } from "../dist/mcp/catalog/catalog-index.js";

const LEAST_SAVED = 0.9;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);
const corpus = resolve(process.env.BANYAN_CORPUS ?? join(root, "..", "shared", "data", "corpus"));
const asJson = process.argv.includes("--json");
const folder = mkdtempSync(join(tmpdir(), "banyan-tokens-"));
const program = (name) =>
  join(dirname(require.resolve(`@modelcontextprotocol/${name}/package.json`)), "dist", "index.js");
const servers = [
  ["everything", [program("server-everything")]],
  ["files", [program("server-filesystem"), folder]],
  ["memory", [program("server-memory")]],
];

/** What is to be done, who is asked for it, and the tool that does it. */
const tasks = [
  {
    task: "read a text file",
    agents: "review code for security problems",
    tool: "files.read_text_file",
    arguments: { path: join(folder, "notes.txt") },
  },
  {
    task: "remember facts about a person in the knowledge graph",
    agents: "design the schema of a database",
    tool: "memory.create_entities",
    arguments: { entities: [{ name: "Ada", entityType: "person", observations: ["writes programs"] }] },
  },
  {
    task: "add two numbers",
    agents: "deploy to kubernetes with helm",
    tool: "everything.get-sum",
    arguments: { a: 2, b: 40 },
  },
];

async function connected(exposure) {
  const home = join(folder, exposure);
  const config = join(folder, `${exposure}.toml`);
  const blocks = servers.map(
    ([name, args]) =>
      `[[servers]]\nname = "${name}"\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify(args)}\n`,
  );
  writeFileSync(
    config,
    `[server]\nexposure = "${exposure}"\n[catalog]\nroots = [${JSON.stringify(corpus)}]\n${blocks.join("")}`,
  );
  const client = new Client({ name: "tokens", version: "1.0.0" });
  const args = [join(root, "dist", "cli.js"), "serve", "--stdio", "--home", home, "--config", config];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, cwd: folder, stderr: "ignore" }));
  return client;
}

/** What a model reads of a result: its text. */
const textOf = ({ content }) => content.map(({ text = "" }) => text).join("\n");
const tokensOf = (value) => countTokens(typeof value === "string" ? value : JSON.stringify(value));

/** A call with its answer, as both stand in the conversation. */
async function call(client, name, args) {
  const result = await client.callTool({ name, arguments: args });
  if (result.isError) throw new Error(`${name}: ${textOf(result)}`);
  return { text: textOf(result), tokens: tokensOf({ name, arguments: args }) + tokensOf(textOf(result)) };
}

async function listingOfAll() {
  const index = await openIndex({ roots: [corpus], folder: join(folder, "index") });
  const lines = Array.from(
    index.entries({ kinds: ["agent", "skill", "workflow"] }),
    ({ name, description }) => `${name}: ${description}`,
  );
  return { entries: lines.length, tokens: tokensOf(lines.join("\n")) };
}

async function measure() {
  writeFileSync(join(folder, "notes.txt"), "water the tree\n");
  const [all, few, entries] = [await connected("all"), await connected("search"), await listingOfAll()];
  const [allTools, fewTools] = [(await all.listTools()).tools, (await few.listTools()).tools];
  const [listAll, listFew] = [tokensOf(allTools) + entries.tokens, tokensOf(fewTools)];
  const rows = [];
  for (const { task, agents, tool, arguments: args } of tasks) {
    const direct = await call(all, tool, args);
    const search = await call(few, "banyan.search_tools", { query: task });
    if (!search.text.includes(tool)) throw new Error(`${task}: ${tool} is not among what was found:\n${search.text}`);
    const describe = await call(few, "banyan.describe_tool", { name: tool });
    const done = await call(few, "banyan.call_tool", { name: tool, arguments: args });
    const found = await call(few, "banyan.call_tool", { name: "catalog.query_agents", arguments: { context: agents } });
    const [listed, searched] = [
      listAll + direct.tokens,
      listFew + search.tokens + describe.tokens + done.tokens + found.tokens,
    ];
    const steps = { search: search.tokens, describe: describe.tokens, call: done.tokens, agents: found.tokens };
    rows.push({ task, listed, searched, saved: 1 - searched / listed, steps });
  }
  await Promise.all([all.close(), few.close()]);
  return {
    tools: { all: allTools.length, search: fewTools.length },
    entries: entries.entries,
    tokens: { tools: tokensOf(allTools), entries: entries.tokens, search: listFew },
    rows,
    saved: Math.min(...rows.map(({ saved }) => saved)),
  };
}

function print({ tools, entries, tokens, rows, saved }) {
  const part = (share) => `${(100 * share).toFixed(1)}%`;
  console.log(
    `listed: ${tools.all} tools (${tokens.tools} tokens), ${entries} agents, skills and workflows (${tokens.entries})`,
  );
  console.log(`exposure = "search": ${tools.search} tools (${tokens.search})\n`);
  for (const { task, listed, searched, saved: share, steps } of rows) {
    const each = Object.entries(steps).map(([step, count]) => `${step} ${count}`);
    console.log(`${task}: ${listed} → ${searched} tokens, ${part(share)} saved (${each.join(", ")})`);
  }
  console.log(
    `\nat least ${part(saved)} saved, to reach ${part(LEAST_SAVED)}: ${saved >= LEAST_SAVED ? "ok" : "MISSED"}`,
  );
}

if (!existsSync(join(corpus, "plugins"))) {
  console.error(`There is no corpus at ${corpus}; name a folder that has plugins/ in BANYAN_CORPUS.`);
  process.exit(2);
}
try {
  const measured = await measure();
  if (asJson) console.log(JSON.stringify(measured, undefined, 2));
  else print(measured);
  process.exitCode = measured.saved >= LEAST_SAVED ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
