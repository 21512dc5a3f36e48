import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, type ExpectStatic, test } from "vitest";
import { approveProject } from "../../../src/actors/config/approval.js";
import { Config, type ConfigListener } from "../../../src/actors/config/config.js";
import { loadConfig } from "../../../src/actors/config/load.js";
import { storeOverride } from "../../../src/actors/config/overrides.js";
import type { Settings } from "../../../src/actors/config/schema.js";
import type { ConfigWatcher } from "../../../src/actors/config/subscriptions.js";
import { type Happening, happenings } from "../../../src/actors/telemetry/happenings.js";
import { Application, child, exit, GenServer, named, whereis } from "../../../src/supervision/index.js";

/** Hears what the user is told and what the log is given, and follows the settings. */
class Ear
  extends GenServer<void, { notes: string[]; logged: unknown[]; seen: Settings[] }>
  implements ConfigListener, ConfigWatcher
{
  protected override init(): void {
    this.state = { notes: [], logged: [], seen: [] };
    this.on(happenings, "happened", (happening: Happening) => {
      if (happening.type === "settings") this.state.logged.push(happening.text);
    });
  }
  note(level: "info" | "warn", text: string): void {
    this.state.notes.push(`${level}: ${text}`);
  }
  configChanged(settings: Settings): void {
    this.state.seen.push(settings);
  }
  heard() {
    return this.state;
  }
}

const LONG = { interval: 10 };

/** These tests mostly wait for what is looked at four times a second, so they wait together. */
const apps: { readonly app: Application; readonly folder: string }[] = [];
afterAll(async () => {
  for (const { app, folder } of apps) {
    await app.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** A Config that watches a folder of its own, in which nothing lies yet but what is given. */
async function start(expect: ExpectStatic, files: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "banyan-watch-"));
  const place = (name: string) => join(folder, name, "config.toml");
  for (const [name, toml] of Object.entries(files)) put(place(name), toml);
  const request = {
    files: (["user", "project"] as const).map((layer) => ({ layer, file: place(layer) })),
    approvals: join(folder, "state", "approved.json"),
    overrides: join(folder, "data", "overrides.toml"),
  };
  const loaded = await loadConfig(request);
  if ("error" in loaded) throw new Error("not valid");
  const [config, ear] = [named<Config>(`Config ${folder}`), named<Ear>(`Ear ${folder}`)];
  const options = {
    loaded: loaded.ok,
    request,
    subscriptions: [],
    added: [],
    watch: true,
    live: ["chat", "servers", "approvals"],
    listener: ear,
  };
  const app = await Application.start({
    strategy: "one_for_one",
    maxRestarts: 10,
    maxSeconds: 5,
    children: [child(Ear, undefined, { name: ear }), child(Config, options, { name: config })],
  });
  apps.push({ app, folder });
  await config.call.subscribe("chat", ear);
  const notes = () => expect.poll(async () => (await ear.call.heard()).notes, LONG);
  const maxSteps = () => expect.poll(async () => (await config.call.get()).chat.max_steps, LONG);
  return { config, ear, folder, request, notes, maxSteps };
}

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

describe.concurrent("a running app", () => {
  test("keeps its settings when a file breaks, says why, and takes the new ones once it is mended", async ({
    expect,
  }) => {
    const { config, ear, folder, notes, maxSteps } = await start(expect, { user: "[chat]\nmax_steps = 2\n" });
    const file = join(folder, "user", "config.toml");
    writeFileSync(file, "[chat]\nmax_steps = 3\nturn_timeout = 'soon'\n");
    await notes().toEqual([
      expect.stringMatching(/^warn: .*user\/config\.toml:3: chat\.turn_timeout is "soon"; .* stay in force\.$/),
    ]);
    expect((await config.call.get()).chat.max_steps).toBe(2);
    writeFileSync(file, "[chat]\nmax_steps = 3\nturn_timeout = '1s'\n[ui]\ntheme = 'dark'\n");
    await maxSteps().toBe(3);
    const { notes: all, logged } = await ear.call.heard();
    expect(all.slice(1)).toEqual([
      "info: The settings files are valid again.",
      "info: Applied from the settings: chat.max_steps, chat.turn_timeout. Changed, but in effect from the next start on: ui.theme.",
    ]);
    // The other tests here run in the same program, and so log beside it.
    expect(logged).toEqual(expect.arrayContaining(all.map((text) => text.replace(/^\w+: /, ""))));
  });

  test("is not confused by a file that is half-written, nor by a folder in its place", async ({ expect }) => {
    const { config, folder, notes } = await start(expect, { user: "[chat]\nmax_steps = 2\n" });
    const file = join(folder, "user", "config.toml");
    writeFileSync(file, '[chat]\nmax_steps = 4\nsystem_prompt = "half');
    await notes().toEqual([expect.stringContaining("config.toml:3: this is not valid TOML at column")]);
    rmSync(file);
    mkdirSync(file);
    await notes().toContainEqual(expect.stringContaining("it is a folder, and a file is needed"));
    expect((await config.call.get()).chat.max_steps).toBe(2);
    rmSync(file, { recursive: true });
    writeFileSync(file, '[chat]\nmax_steps = 4\nsystem_prompt = "whole"\n');
    await expect
      .poll(async () => (await config.call.get()).chat, LONG)
      .toMatchObject({ max_steps: 4, system_prompt: "whole" });
  });

  test("notices a file however it comes and goes: created with its folder, replaced, behind a link, removed", async ({
    expect,
  }) => {
    const { folder, maxSteps } = await start(expect);
    const file = join(folder, "user", "config.toml");
    put(file, "[chat]\nmax_steps = 2\n");
    await maxSteps().toBe(2);
    writeFileSync(`${file}~`, "[chat]\nmax_steps = 3\n");
    renameSync(`${file}~`, file);
    await maxSteps().toBe(3);
    put(join(folder, "dotfiles", "banyan.toml"), "[chat]\nmax_steps = 4\n");
    rmSync(file);
    symlinkSync(join(folder, "dotfiles", "banyan.toml"), file);
    await maxSteps().toBe(4);
    writeFileSync(join(folder, "dotfiles", "banyan.toml"), "[chat]\nmax_steps = 5\n");
    await maxSteps().toBe(5);
    rmSync(join(folder, "user"), { recursive: true });
    await maxSteps().toBe(25);
  });

  test("applies what config set stores, over everything else", async ({ expect }) => {
    const { request, maxSteps } = await start(expect, { user: "[chat]\nmax_steps = 2\n" });
    await storeOverride(request, "chat.max_steps", "9");
    await maxSteps().toBe(9);
  });

  test("no reader and no watcher ever sees a part of a change", async ({ expect }) => {
    const both = (n: number) => `[chat]\nmax_steps = ${n}\n[breaker]\nfailures = ${n}\n`;
    const { config, ear, folder } = await start(expect, { user: both(1) });
    const file = join(folder, "user", "config.toml");
    const halves: unknown[] = [];
    const check = ({ chat, breaker }: Settings) => {
      if (chat.max_steps !== breaker.failures) halves.push([chat.max_steps, breaker.failures]);
    };
    for (let n = 2; n <= 60; n++) {
      writeFileSync(`${file}~`, both(n));
      renameSync(`${file}~`, file);
      const reloaded = config.call.reload();
      for (let reads = 0; reads < 5; reads++) check(await config.call.get());
      await reloaded;
    }
    expect((await config.call.get()).chat.max_steps).toBe(60);
    const { seen } = await ear.call.heard();
    for (const settings of seen) check(settings);
    expect(seen).toHaveLength(59);
    expect(halves).toEqual([]);
  });

  test("watches on after Config was killed, and takes up what changed while it was gone", async ({ expect }) => {
    const { config, folder, maxSteps } = await start(expect, { user: "[chat]\nmax_steps = 2\n" });
    const file = join(folder, "user", "config.toml");
    for (const count of [3, 4]) {
      const pid = whereis(config);
      if (pid === undefined) throw new Error("not running");
      exit(pid, "kill");
      await pid.down;
      writeFileSync(file, `[chat]\nmax_steps = ${count}\n`);
      await maxSteps().toBe(count);
    }
    writeFileSync(file, "[chat]\nmax_steps = 5\n");
    await maxSteps().toBe(5);
  });

  const server = (command: string) => `[[servers]]\nname = "tool"\ncommand = "${command}"\n`;

  test("starts nothing of a project's file until it is approved, and nothing again once it changes", async ({
    expect,
  }) => {
    const { config, folder, request, notes } = await start(expect);
    const approved = () =>
      expect.poll(async () => (await config.call.get()).servers.map((each) => each.approved), LONG);
    const approve = async () => {
      const { pendingApproval } = (await config.call.describe()).loaded;
      if (pendingApproval === undefined) throw new Error("nothing waits");
      await approveProject(pendingApproval, request.approvals);
    };
    const file = join(folder, "project", "config.toml");
    put(file, server("good"));
    await approved().toEqual([false]);
    await notes().toContainEqual(expect.stringContaining("is not in force yet: it would decide over servers"));
    await approve();
    await approved().toEqual([true]);
    writeFileSync(file, `${server("evil")}[approvals]\nallow = ["*"]\n`);
    await approved().toEqual([false]);
    expect((await config.call.get()).approvals.allow).not.toContain("*");
    await approve();
    await expect.poll(async () => (await config.call.get()).approvals.allow, LONG).toEqual(["*"]);
  });
});
