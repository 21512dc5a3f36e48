// The bundled tools where they live: in the sandbox that confines them, which lets them start no program, no thread, load no native code and make
// no code of text, with the primary's port for what it keeps from them.
import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hold } from "../../src/actors/store/held.js";
import { grantsSchema } from "../../src/mcp/host/grants.js";
import { sandboxed } from "../../src/mcp/host/sandbox.js";
import { built } from "../support/build.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
const root = realpathSync(work.root);
const client = new Client({ name: "test", version: "1" });
const faults: string[] = [];

beforeAll(async () => {
  work.write("data.json", '{"users":[{"name":"Ann"}]}');
  work.write("table.csv", "x,y\n1,2\n2,4\n");
  execFileSync("git", ["init", "-q", "-b", "main"], { cwd: root });
  const database = hold(new Database(join(root, "shop.db")));
  database.exec("CREATE TABLE t (a)");
  database.close();
  const { primaryPort } = await import(built("mcp/host/primary-port/index.js"));
  const { answerAsks } = await import(built("mcp/client/primary-ask.js"));
  answerAsks(client, primaryPort({ project: root }), (fault: string) => faults.push(fault));
  const grants = grantsSchema.parse({ read: [root], write: [root], net: true });
  const { command, args, env, cwd } = sandboxed(grants, { script: built("servers/host/main.js"), args: [], cwd: root });
  await client.connect(new StdioClientTransport({ command, args, env, cwd }));
});
afterAll(async () => {
  await client.close();
  work.remove();
});

describe("in the sandbox", () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ["json_query", { path: "data.json", query: "$..name" }, /^"Ann"/],
    ["convert_data", { path: "data.json", to: "yaml" }, /^users:\n {2}- name: Ann/],
    ["convert_data", { text: "a = 1", from: "toml", to: "csv" }, /^a\n1/],
    ["csv_query", { path: "table.csv", aggregates: [{ op: "sum", column: "y" }] }, /^sum_y\n6/],
    ["validate_json", { data_path: "data.json", schema: '{"required":["x"]}' }, /Not valid/],
    ["sqlite_query", { path: "shop.db", query: "SELECT name FROM sqlite_schema" }, /^name\nt/],
    ["convert_time_zone", { time: "2026-01-01 12:00", from: "UTC", to: ["Tokyo"] }, /T21:00:00\+09:00/],
    [
      "next_cron",
      { expression: "0 0 1 1 *", timezone: "UTC", from: "2026-05-01", count: 1 },
      /^2027-01-01T00:00:00\+00:00/,
    ],
    ["duration", { span: "90 min" }, /PT1H30M/],
    ["convert_units", { value: 1, from: "mi", to: ["km"] }, /1\.609344 km/],
    ["statistics", { path: "table.csv", column: "x", other_column: "y" }, /other = 2 × value \+ 0/],
    ["random", { kind: "uuid" }, /^[0-9a-f-]{36}$/],
    ["parse_url", { url: "https://bücher.example/" }, /host for people: bücher/],
    ["environment", {}, /^system +\w/],
    ["processes", { name: "node", count: 3 }, /^PID/],
    ["disk", {}, /free of/],
    ["disk", { path: "." }, /shop\.db/],
    ["git_status", {}, /^Branch main, no commit yet/],
    ["git_log", {}, /has no commit yet; use git_status/],
    ["git_diff", { from: "--output=x" }, /"from" is not valid/],
  ])("%s %j", async (name, args, expected) => {
    const result = CallToolResultSchema.parse(await client.callTool({ name, arguments: args }));
    expect(result.content.map((block) => (block.type === "text" ? block.text : "")).join("\n")).toMatch(expected);
  });

  it("nothing failed that was not expected to", () => {
    expect(faults).toEqual([]);
  });
});
