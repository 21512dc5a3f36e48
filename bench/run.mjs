// Runs the benchmarks: what a start costs, what lazy servers add to it, the framework beside its peers, what a tool call costs
// on its way and in the tool host, what an answer costs on its way to the terminal, what plugins cost, and what a call through
// `banyan serve` costs beside other gateways. Other options go to those that run.
//   node bench/run.mjs [--only=startup,lazy-servers,framework,mcp-overhead,toolhost,ui,plugins,gateway] [--json] [--rounds=5]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const benches = {
  startup: "startup.mjs",
  "lazy-servers": "lazy-servers.mjs",
  framework: "framework/run.mjs",
  "mcp-overhead": "mcp-overhead.mjs",
  toolhost: "toolhost.mjs",
  ui: "ui.mjs",
  plugins: "plugins.mjs",
  gateway: "gateway.mjs",
};

const given = process.argv.slice(2);
const only = given.find((option) => option.startsWith("--only="));
const chosen = only === undefined ? Object.keys(benches) : only.slice("--only=".length).split(",");
const unknown = chosen.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined) {
  console.error(`there is no benchmark ${unknown}: --only takes ${Object.keys(benches).join(", ")}`);
  process.exit(2);
}

for (const name of chosen) {
  const script = fileURLToPath(new URL(benches[name], import.meta.url));
  const options = given.filter((option) => option !== only);
  const { status } = spawnSync(process.execPath, [script, ...options], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
