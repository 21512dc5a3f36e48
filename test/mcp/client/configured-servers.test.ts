import { expect, test } from "vitest";
import { loadConfig } from "../../../src/actors/config/load.js";
import { configuredServers } from "../../../src/mcp/client/configured-servers.js";

test("a [[servers]] block with every limit and way to start becomes exactly that server", async () => {
  const toml = `
[[servers]]
name = "files"
command = "npx"
args = ["-y", "@modelcontextprotocol/server-filesystem", "."]
restart = "on-failure"
max_restarts = 5
max_memory = "512MB"
max_cpu = 80
health_interval = "30s"
restart_delay = "1s"
timeout = "30s"
start = "lazy"
`;
  const files = [{ layer: "user", file: "/config.toml" } as const];
  const loaded = await loadConfig({ files }, () => new TextEncoder().encode(toml));
  if (!("ok" in loaded)) throw new Error(loaded.error.map(({ message }) => message).join("\n"));
  const { servers, problems } = configuredServers(loaded.ok.config, {});
  expect(problems).toEqual([]);
  expect(servers.find(({ name }) => name === "files")).toMatchObject({
    maxMemoryBytes: 536_870_912,
    maxCpuPercent: 80,
    start: "lazy",
    timeoutMs: 30_000,
  });
});
