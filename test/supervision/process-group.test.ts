// OTP's process groups (otp: kernel, pg).
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  Application,
  exit,
  GenServer,
  isGroupMessage,
  monitor,
  named,
  type Pid,
  ProcessGroup,
  resume,
  stopProcess,
  suspend,
} from "../../src/supervision/index.js";

const scope = new ProcessGroup("scope");

class Member extends GenServer<void, { heard: unknown[] }> {
  protected override init() {
    this.state = { heard: [] };
  }
  protected override handleInfo(message: unknown) {
    if (!isGroupMessage(message)) return;
    const { type, id, group, pids } = message;
    this.state.heard.push([type, id, group, pids]);
  }
  watch(group: string) {
    return scope.monitor(this, group);
  }
  watchAll() {
    return scope.monitorScope(this);
  }
  unwatch(id: number) {
    scope.demonitor(this, id);
  }
  heard() {
    return this.state.heard;
  }
}

let started: Pid;

beforeEach(async () => {
  started = await scope.start();
});

afterEach(async () => {
  if (started.alive) await stopProcess(started);
});

describe("members", () => {
  it("a process that joins n times is listed n times and must leave n times", async () => {
    const one = await Member.start();
    scope.join("eu", one, one);
    scope.join("eu", one);
    expect(scope.getMembers("eu")).toEqual([one, one, one]);
    expect(scope.leave("eu", one)).toEqual({ ok: true });
    expect(scope.getMembers("eu")).toEqual([one, one]);
    expect(scope.leave("eu", one, one, one)).toEqual({ ok: true });
    expect(scope.leave("eu", one)).toEqual({ error: "not_joined" });
  });

  it("a group exists while it has members", async () => {
    const [one, two] = [await Member.start(), await Member.start()];
    expect(scope.whichGroups()).toEqual([]);
    scope.join("eu", one, two);
    scope.join("us", two);
    expect(scope.whichGroups()).toEqual(["eu", "us"]);
    scope.leave("us", two);
    expect(scope.whichGroups()).toEqual(["eu"]);
    expect(scope.getMembers("us")).toEqual([]);
  });

  it("a process that ends is out of all its groups before anybody hears of its end; the dead join nothing", async () => {
    const one = await Member.start();
    scope.join("eu", one, one);
    scope.join("us", one);
    const seen = new Promise((resolve) => monitor(one, () => resolve(scope.whichGroups())));
    exit(one, "kill");
    expect(await seen).toEqual([]);
    scope.join("eu", one, named("nobody"));
    expect(scope.whichGroups()).toEqual([]);
  });

  it("scopes are apart, and one that does not run is an error", async () => {
    const other = new ProcessGroup("other");
    expect(() => other.getMembers("eu")).toThrow("there is no scope other");
    const pid = await other.start();
    const one = await Member.start();
    scope.join("eu", one);
    expect(other.getMembers("eu")).toEqual([]);
    await stopProcess(pid);
  });

  it("a scope that starts again has forgotten its members, and they live on", async () => {
    await stopProcess(started);
    const app = await Application.start({ strategy: "one_for_one", children: [scope.child()] });
    const one = await Member.start();
    scope.join("eu", one);
    exit(named("scope"), "kill");
    await expect.poll(() => app.tree()?.children?.[0]).toMatchObject({ status: "running", restarts: 1 });
    expect(scope.whichGroups()).toEqual([]);
    expect(one.alive).toBe(true);
    scope.join("eu", one);
    exit(one, "kill");
    await one.down;
    expect(scope.whichGroups()).toEqual([]);
    await app.stop();
  });
});

describe("monitors", () => {
  it("of a group: who is in it now, then each call that changes it, and each end", async () => {
    const [watcher, one, two] = [await Member.start(), await Member.start(), await Member.start()];
    scope.join("eu", one);
    const { id, members } = await watcher.call.watch("eu");
    expect(members).toEqual([one]);
    scope.join("us", two);
    scope.join("eu", two, two);
    scope.leave("eu", one, watcher);
    exit(two, "kill");
    await two.down;
    expect(await watcher.call.heard()).toEqual([
      ["join", id, "eu", [two, two]],
      ["leave", id, "eu", [one]],
      ["leave", id, "eu", [two, two]],
    ]);
  });

  it("of a scope: all its groups", async () => {
    const [watcher, one] = [await Member.start(), await Member.start()];
    scope.join("eu", one);
    const { id, groups } = await watcher.call.watchAll();
    expect(groups).toEqual(new Map([["eu", [one]]]));
    scope.join("us", one);
    expect(await watcher.call.heard()).toEqual([["join", id, "us", [one]]]);
  });

  it("end with the scope: nothing is told any more", async () => {
    const [watcher, one] = [await Member.start(), await Member.start()];
    const { id } = await watcher.call.watch("eu");
    scope.join("eu", one);
    await stopProcess(started);
    exit(one, "kill");
    await one.down;
    expect(await watcher.call.heard()).toEqual([["join", id, "eu", [one]]]);
  });

  it("demonitor ends it and takes back what is still waiting", async () => {
    const [watcher, one] = [await Member.start(), await Member.start()];
    const kept = await watcher.call.watch("eu");
    const { id } = await watcher.call.watch("eu");
    await suspend(watcher);
    const unwatched = watcher.call.unwatch(id);
    scope.join("eu", one);
    scope.leave("eu", one);
    await resume(watcher);
    await unwatched;
    expect(await watcher.call.heard()).toEqual([
      ["join", kept.id, "eu", [one]],
      ["leave", kept.id, "eu", [one]],
    ]);
  });
});
