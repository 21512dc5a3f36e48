// With a real store, real servers and a real supervision tree; the screen alone is a process that collects what it is told.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Audit } from "../../src/actors/audit/audit.js";
import { Store } from "../../src/actors/store/store.js";
import { Router } from "../../src/mcp/client/router/router.js";
import {
  Application,
  child,
  GenServer,
  named,
  type Pid,
  resume,
  type Supervisor,
  stopProcess,
  suspend,
} from "../../src/supervision/index.js";
import type { HeardReport, Look, LookedAt } from "../../src/ui/views/looks.js";
import { ViewFeed, type ViewWatcher } from "../../src/ui/views/view-feed.js";
import { type Branch, startBranch } from "../mcp/client/tree.js";
import { temporaryHome } from "../support/home.js";

const changing = fileURLToPath(new URL("../support/changing-server.mjs", import.meta.url));
const LONG = { interval: 20 };

interface Told {
  readonly looks: Look[];
  readonly failed: [LookedAt, string][];
  readonly reports: HeardReport[];
}

class Watcher extends GenServer<void, Told> implements ViewWatcher {
  protected override init(): void {
    this.state = { looks: [], failed: [], reports: [] };
  }

  viewLook(look: Look): void {
    this.state.looks.push(look);
  }

  viewFailed(of: LookedAt, why: string): void {
    this.state.failed.push([of, why]);
  }

  viewReports(reports: readonly HeardReport[]): void {
    this.state.reports.push(...reports);
  }

  viewNotified(): void {}

  told(): Told {
    return this.state;
  }
}

const feed = named<ViewFeed>("ViewFeed");
let branch: Branch;
let watcher: Pid<Watcher>;

beforeEach(async () => {
  const home = temporaryHome();
  const store = named<Store>("Store");
  const audit = named<Audit>("Audit");
  const ground = await Application.start({
    strategy: "one_for_one",
    children: [
      child(Store, { file: join(home, "banyan.db") }, { name: store }),
      child(Audit, { store, project: "/p", run: "run-1" }, { name: audit }),
    ],
  });
  onTestFinished(() => ground.stop());
  branch = await startBranch([{ name: "a", command: process.execPath, args: [changing] }], { store });
  onTestFinished(() => branch.app.stop());
  const { manager, aggregator, notifications, resources } = branch;
  await manager.with({ timeout: 100_000 }).call.settled();
  const root = named<Supervisor>("Root of the views");
  const views = await Application.start({
    name: root,
    strategy: "one_for_one",
    maxRestarts: 10,
    children: [
      child(
        ViewFeed,
        {
          ...{ root, servers: manager, aggregator, router: new Router(manager), notifications, resources, audit },
          logs: join(home, "logs"),
          version: "1.0",
        },
        { name: feed },
      ),
      child(Watcher, undefined, { name: named<Watcher>("Bystander") }),
    ],
  });
  onTestFinished(() => views.stop());
  watcher = await Watcher.start(undefined);
  onTestFinished(() => stopProcess(watcher));
  await feed.call.watch(watcher);
});

const told = (): Promise<Told> => watcher.call.told();
const latest = async (of: LookedAt): Promise<unknown> => (await told()).looks.findLast((look) => look.of === of)?.look;

describe("what the views are told", () => {
  test("only what is looked at is read, now and again, and no more when it is closed", async () => {
    await branch.resources.with({ timeout: 100_000 }).call.read("a", "r://1");
    feed.cast.look(["cache", "servers"]);
    await expect.poll(() => latest("cache"), LONG).toMatchObject({ entries: [{ server: "a", uri: "r://1" }] });
    await expect.poll(() => latest("servers"), LONG).toMatchObject([{ status: { name: "a", state: "ready" } }]);
    expect(new Set((await told()).looks.map(({ of }) => of))).toEqual(new Set(["cache", "servers"]));
    feed.cast.look([]);
    expect((await feed.call.act({ do: "clear cache" })).startsWith("1 ")).toBe(true);
    feed.cast.look(["cache"]);
    await expect.poll(() => latest("cache"), LONG).toMatchObject({ entries: [] });
  });

  test("a process that does not answer holds up neither the others nor what is asked", async () => {
    await suspend(branch.manager);
    feed.cast.look(["servers", "tree"]);
    await expect.poll(() => latest("tree"), LONG).toMatchObject({ app: { version: "1.0" } });
    expect(await feed.call.inspect("Bystander")).toMatchObject({ process: { name: "Bystander" } });
    expect(await latest("servers")).toBeUndefined();
    await resume(branch.manager);
    await expect.poll(() => latest("servers"), LONG).toMatchObject([{ status: { name: "a" } }]);
  });

  test("a process that is killed from a view comes back, its end is reported, and the audit has it", async () => {
    expect(await feed.call.act({ do: "kill", process: "Bystander" })).toMatch(/^Bystander is /);
    const isKill = (heard: HeardReport) => "report" in heard && JSON.stringify(heard.report).includes("Bystander");
    await expect.poll(async () => (await told()).reports.some(isKill), LONG).toBe(true);
    feed.cast.look(["tree"]);
    await expect
      .poll(() => latest("tree"), LONG)
      .toMatchObject({
        tree: { children: [{ name: "ViewFeed" }, { name: "Bystander", restarts: 1, status: "running" }] },
      });
    const rows = await named<Store>("Store").call.all({ sql: "SELECT action, subject FROM audit" });
    expect(rows).toEqual([{ action: "process.kill", subject: "Bystander" }]);
    await expect(feed.call.act({ do: "kill", process: "ViewFeed" })).rejects.toThrow(/choose another/);
  });

  test("a server is disconnected and connected from a view, and what there is none of is said", async () => {
    expect(await feed.with({ timeout: 100_000 }).call.act({ do: "disconnect", server: "a" })).toBe("a is disconnected");
    expect(await feed.with({ timeout: 100_000 }).call.act({ do: "connect", server: "a" })).toBe("a is ready");
    await expect(feed.call.act({ do: "connect", server: "nobody" })).rejects.toThrow(/nobody/);
  });
});
