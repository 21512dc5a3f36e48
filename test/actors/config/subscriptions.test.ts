import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Config } from "../../../src/actors/config/config.js";
import { type LoadRequest, loadConfig } from "../../../src/actors/config/load.js";
import type { Settings } from "../../../src/actors/config/schema.js";
import type { ConfigWatcher, Subscription } from "../../../src/actors/config/subscriptions.js";
import {
  Application,
  child,
  exit,
  GenServer,
  type Named,
  named,
  stopProcess,
  whereis,
} from "../../../src/supervision/index.js";
import { alone } from "../../support/config.js";

/** Keeps what it was told. */
class Watcher extends GenServer<void, [path: string, maxSteps: number][]> implements ConfigWatcher {
  protected override init(): void {
    this.state = [];
  }
  configChanged({ chat }: Settings, path: string): void {
    this.state.push([path, chat.max_steps]);
  }
  heard(): readonly [string, number][] {
    return this.state;
  }
}

/** Subscribes when it starts, as every process of the app does. */
class Follower extends GenServer<Named<Config>, number> implements ConfigWatcher {
  #config!: Named<Config>; // set by init
  protected override init(config: Named<Config>): void {
    this.#config = config;
    this.state = 0;
    this.continueWith("subscribe");
  }
  protected override async handleContinue(): Promise<void> {
    this.configChanged(await this.use(this.#config).call.subscribe("chat", this.self<Follower>()));
  }
  configChanged({ chat }: Settings): void {
    this.state = chat.max_steps;
  }
  maxSteps(): number {
    return this.state;
  }
}

const config = named<Config>("Config");
let folder = "";
let subscriptions: Subscription[] = [];
let app: Application | undefined;

const write = (toml: string) => writeFileSync(join(folder, "config.toml"), toml);
const steps = (count: number) => write(`[chat]\nmax_steps = ${count}\n`);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "banyan-subscriptions-"));
  steps(1);
  subscriptions = [];
  const request: LoadRequest = { files: [{ layer: "user", file: join(folder, "config.toml") }] };
  const loaded = await loadConfig(request);
  if (!("ok" in loaded)) throw new Error("not valid");
  const options = { ...alone, loaded: loaded.ok, request, subscriptions, added: [] };
  app = await Application.start({
    strategy: "one_for_one",
    maxRestarts: 1_000,
    maxSeconds: 60,
    children: [
      child(Config, options, { name: config }),
      child(Follower, config, { name: named<Follower>("follower") }),
    ],
  });
});

afterEach(async () => {
  await app?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function kill(name: Named<Config> | Named<Follower>): Promise<void> {
  const pid = whereis<unknown>(name);
  if (pid === undefined) throw new Error("not running");
  exit(pid, "kill");
  await pid.down;
}

describe("a subscription", () => {
  test("starts with the settings in force and tells of its own setting or table, and only of a change of the value", async () => {
    const watcher = await Watcher.start();
    for (const path of ["chat.max_steps", "chat", "log", "servers.files"]) {
      expect((await config.call.subscribe(path, watcher)).chat.max_steps).toBe(1);
    }
    steps(2);
    await config.call.reload();
    expect(await watcher.call.heard()).toEqual([
      ["chat.max_steps", 2],
      ["chat", 2],
    ]);
    write("[chat] # the same in other words\nmax_steps    = 2");
    await config.call.reload();
    write("[chat]\nmax_steps = 2\nturn_timeout = '1m'\n[[servers]]\nname = 'other'\ncommand = 'x'");
    await config.call.reload();
    write("[chat]\nmax_steps = 2\nturn_timeout = '1m'\n[[servers]]\nname = 'files'\ncommand = 'x'");
    await config.call.reload();
    write("[chat]\nmax_steps = 3\nmax_step = 4");
    await config.call.reload().catch(() => {});
    expect((await watcher.call.heard()).slice(2)).toEqual([
      ["chat", 2],
      ["servers.files", 2],
    ]);
    await stopProcess(watcher);
  });

  test("made twice is told once", async () => {
    const watcher = await Watcher.start();
    await config.call.subscribe("chat", watcher);
    await config.call.subscribe("chat", watcher);
    steps(2);
    await config.call.reload();
    expect(await watcher.call.heard()).toEqual([["chat", 2]]);
    await stopProcess(watcher);
  });

  test("to a setting that does not exist is refused with the name that was meant", async () => {
    await expect(config.call.subscribe("chat.max_step", named("nobody"))).rejects.toThrowError(
      "chat.max_step is no setting (did you mean max_steps?)",
    );
  });

  test("ends with its watcher", async () => {
    const watcher = await Watcher.start();
    await config.call.subscribe("chat", watcher);
    expect(subscriptions).toHaveLength(2);
    await stopProcess(watcher);
    await config.call.get();
    expect(subscriptions).toHaveLength(1);
  });

  test("outlives a kill of Config, and what changed meanwhile is told", async () => {
    const watcher = await Watcher.start();
    await config.call.subscribe("chat.max_steps", watcher);
    steps(2);
    await kill(config);
    await config.call.get();
    expect(await watcher.call.heard()).toEqual([["chat.max_steps", 2]]);
    await kill(config);
    steps(3);
    await config.call.reload();
    expect(await watcher.call.heard()).toEqual([
      ["chat.max_steps", 2],
      ["chat.max_steps", 3],
    ]);
    await stopProcess(watcher);
  });

  test("is not lost, whichever of the two is killed and when, in sixty rounds", async () => {
    const follower = named<Follower>("follower");
    for (let round = 2; round < 62; round++) {
      const kills = [[], [config], [follower], [config, follower], [follower, config]][round % 5] ?? [];
      if (round % 2 === 0) steps(round);
      await Promise.all(kills.map(kill));
      if (round % 2 === 1) steps(round);
      await config.call.reload();
      expect(await follower.call.maxSteps()).toBe(round);
    }
    expect(subscriptions).toHaveLength(1);
  });

  test("is told of a change also when Config is killed at any point of the reload that would have told it", async () => {
    const watcher = await Watcher.start();
    await config.call.subscribe("chat", watcher);
    for (let count = 2; count < 40; count++) {
      steps(count);
      config.cast.reload();
      for (let step = 2; step < count; step++) await Promise.resolve();
      const dead = whereis(config);
      exit(config, "kill");
      await dead?.down;
      await config.call.get();
      expect((await watcher.call.heard()).at(-1)).toEqual(["chat", count]);
    }
  });
});
