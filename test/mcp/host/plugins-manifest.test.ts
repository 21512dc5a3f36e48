import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../../src/actors/config/load.js";
import { readPlugin } from "../../../src/mcp/host/plugins/plugin.js";
import { choose, PluginFolders } from "../../../src/mcp/host/plugins/plugin-folders.js";
import { pluginServer, pluginWorkshop } from "../../../src/mcp/host/plugins/plugin-server.js";
import { makeProject, type Project } from "./plugin-stage.js";

function read(manifest: unknown, file = "package.json", project: Project = makeProject()) {
  const text = typeof manifest === "string" ? manifest : JSON.stringify(manifest);
  project.write(`plugins/it/${file}`, text);
  project.write("plugins/it/index.js", "");
  return readPlugin(join(project.project, "plugins/it"), project.project);
}

function problem(manifest: unknown, file?: string): string {
  const found = read(manifest, file);
  return found !== undefined && "problem" in found ? found.problem : "no problem";
}

async function settings() {
  const loaded = await loadConfig({ files: [] });
  if ("error" in loaded) throw new Error("the defaults are wrong");
  return loaded.ok.config;
}

test("every field of a manifest becomes what its server is given", async () => {
  const project = makeProject();
  const manifest = {
    name: "weather",
    entry: "index.js",
    max_memory: "256MB",
    max_cpu: 80,
    timeout: "5s",
    restart: "always",
    max_restarts: 2,
    permissions: { read: ["./data", "${project}/docs"], write: ["./cache"], net: ["127.0.0.1"], env: ["LANG"] },
    env: { TOKEN: "${env:WEATHER_TOKEN}" },
    start: "eager",
  };
  const plugin = read({ banyan: manifest }, "package.json", project);
  if (plugin === undefined || "problem" in plugin) throw new Error("it is fine");
  const workshop = pluginWorkshop("/state", project.project, "run");
  const server = pluginServer(plugin, await settings(), workshop, { WEATHER_TOKEN: "hidden" });
  expect(server).toMatchObject({
    name: "weather",
    source: "plugins",
    version: plugin.hash,
    maxMemoryBytes: 268_435_456,
    maxCpuPercent: 80,
    timeoutMs: 5_000,
    restart: "always",
    maxRestarts: 2,
    start: "eager",
    drainMs: 5_000,
    env: { TOKEN: "hidden" },
    inherits: false,
    cwd: plugin.folder,
  });
  const args = server.args?.join(" ") ?? "";
  expect(args).toContain(`--allow-fs-read=${plugin.folder}/*`);
  expect(args).toContain(`--allow-fs-read=${project.project}/docs/*`);
  expect(args).toContain(`--allow-fs-write=${plugin.folder}/cache/*`);
  expect(args).not.toMatch(/--allow-(child-process|worker|addons)/);
  const config = await settings();
  expect(() => pluginServer(plugin, config, workshop, {})).toThrow(/WEATHER_TOKEN is not set/);
});

test("what other hosts write for limits is read as well, and a plugin.json is a manifest too", () => {
  const found = read({ process: { maxMemory: "1GB", timeout: 9_000, restartPolicy: "never" } }, "plugin.json");
  expect(found).toMatchObject({
    manifest: { name: "it", maxMemory: 1_073_741_824, timeout: 9_000, restart: "never", enabled: true, start: "lazy" },
  });
});

test.each([
  [
    "a size",
    { max_memory: "lots" },
    /^plugins\/it\/package\.json: banyan\.max_memory is "lots"; allowed: a size such as/,
  ],
  ["a field", { max_memroy: "1GB" }, /banyan\.max_memroy is no field of a manifest; did you mean max_memory\?/],
  ["a permission", { permissions: { sudo: true } }, /banyan\.permissions\.sudo is no field of a manifest/],
  ["an entry outside", { entry: "../other/index.js" }, /banyan\.entry is ".*"; allowed: a file of the plugin/],
  ["a missing entry", { entry: "gone.js" }, /there is no gone\.js in plugins\/it; name the file in entry/],
  ["a name", { name: "No Name" }, /banyan\.name is "No Name"; allowed: a name of a-z/],
  ["a secret", { env: { TOKEN: "${env" } }, /banyan\.env\.TOKEN is what it is; allowed: .*\$\{env:NAME\}/],
  [
    "a package",
    { dependencies: { "no-such-package-here": "1" } },
    /^The plugin it needs no-such-package-here, not installed; run npm install in plugins\/it\.$/,
  ],
])("a manifest wrong in %s leaves the plugin out, with the mend", (_, manifest, words) => {
  expect(problem({ banyan: manifest })).toMatch(words);
});

test("a manifest that is no JSON is told with its file; a package that is no plugin is passed over", () => {
  expect(problem("{", "plugin.json")).toMatch(/^plugins\/it\/plugin\.json is no valid JSON/);
  expect(problem(`{ "banyan": `)).toMatch(/^plugins\/it\/package\.json is no valid JSON/);
  expect(read({ name: "something-else" })).toBeUndefined();
  expect(problem(" ".repeat(300_000))).toContain("more than 256 KB");
});

test("an entry that a link leads out of the folder is none", () => {
  const project = makeProject();
  writeFileSync(join(project.home, "outside.js"), "");
  mkdirSync(join(project.project, "plugins/it"), { recursive: true });
  symlinkSync(join(project.home, "outside.js"), join(project.project, "plugins/it/away.js"));
  const found = read({ banyan: { entry: "away.js" } }, "package.json", project);
  expect(found).toMatchObject({ problem: expect.stringContaining("there is no away.js") });
});

test("two of one name, a name that is a server's and a name of Banyan's own are left out; the others are there", async () => {
  const project = makeProject();
  for (const [folder, name] of Object.entries({ a: "twin", b: "twin", c: "files", d: "host", e: "fine" })) {
    project.write(`plugins/${folder}/plugin.json`, { name });
    project.write(`plugins/${folder}/index.js`, "");
  }
  project.write("package.json", { workspaces: ["packages/*"] });
  project.write("packages/member/package.json", { banyan: {} });
  project.write("packages/member/index.js", "");
  project.write("packages/library/package.json", {});
  const config = await settings();
  const files = { ...config.servers[0], name: "files" } as (typeof config.servers)[number]; // only its name is asked for
  const found = await new PluginFolders(project.project, join(project.home, "none.json")).look({
    plugins: { ...config.plugins, folders: [join(project.project, "plugins"), "plugins"] },
  });
  const { chosen, leftOut } = choose(found, { servers: [files] });
  expect(chosen.map(({ manifest }) => manifest.name)).toEqual(["twin", "fine"]);
  expect(leftOut.map(({ name, state }) => `${name}: ${state}`)).toEqual([
    "twin: left out",
    "files: left out",
    "host: left out",
    "member: not approved",
  ]);
  expect(leftOut[0]?.reason).toBe(
    "The plugin twin in plugins/b is not started: plugins/a has that name; rename one of them.",
  );
});

test("the hash is of what stands in its files: not of when they were written, of its packages, or of what it writes itself", () => {
  const project = makeProject();
  const hash = () => {
    const plugin = read({ banyan: { permissions: { write: ["./cache"] } } }, "package.json", project);
    return plugin !== undefined && "hash" in plugin ? plugin.hash : undefined;
  };
  const before = hash();
  project.write("plugins/it/node_modules/x/index.js", "1");
  project.write("plugins/it/cache/data", "1");
  project.write("plugins/it/.git/HEAD", "1");
  expect(hash()).toBe(before);
  project.write("plugins/it/lib/part.js", "1");
  expect(hash()).not.toBe(before);
});
