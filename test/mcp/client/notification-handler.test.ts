import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { Store } from "../../../src/actors/store/store.js";
import { NotificationHandler } from "../../../src/mcp/client/notification-handler.js";
import { Application, child, exit, named, type Pid } from "../../../src/supervision/index.js";
import { temporaryHome } from "../../support/home.js";
import { startRecorder } from "./tree.js";

const store = named<Store>("Store");

async function startStore(home: string): Promise<Application> {
  const app = await Application.start({
    strategy: "one_for_one",
    children: [child(Store, { file: join(home, "banyan.db") }, { name: store })],
  });
  onTestFinished(() => app.stop());
  return app;
}

async function start(): Promise<Pid<NotificationHandler>> {
  await startStore(temporaryHome());
  return NotificationHandler.start({ store, project: "/p", run: "run-1" });
}

describe("the NotificationHandler", () => {
  test("keeps what was said, in order, and finds it by server, category and time", async () => {
    const handler = await start();
    for (let i = 0; i < 1_500; i++)
      handler.cast.record(i % 2 === 0 ? "even" : "odd", { type: "resource-updated", uri: `r://${i}` });
    handler.cast.record("odd", { type: "tools-changed" });
    const all = await handler.call.query({ limit: 5_000 });
    expect(all).toHaveLength(1_000);
    expect(all[0]).toMatchObject({ notification: { uri: "r://501" }, server: "odd", category: "resource-updated" });
    expect(all.at(-1)).toMatchObject({ category: "tools-changed" });
    const even = await handler.call.query({ server: "even", limit: 2 });
    expect(even.map(({ notification }) => notification)).toMatchObject([{ uri: "r://1496" }, { uri: "r://1498" }]);
    expect(await handler.call.query({ categories: ["tools-changed", "log"] })).toHaveLength(1);
    expect(await handler.call.query({ since: Date.now() + 60_000 })).toEqual([]);
  });

  test("has the history of earlier runs, and of its own project alone", async () => {
    const home = temporaryHome();
    const first = await startStore(home);
    const handler = await NotificationHandler.start({ store, project: "/p", run: "run-1" });
    handler.cast.record("s", { type: "log", level: "info", data: "before the restart" });
    await handler.call.query();
    await first.stop();
    await startStore(home);
    const [later, elsewhere] = await Promise.all(
      ["/p", "/other"].map((project) => NotificationHandler.start({ store, project, run: "run-2" })),
    );
    expect(await later?.call.query()).toMatchObject([{ server: "s", notification: { data: "before the restart" } }]);
    expect(await elsewhere?.call.query()).toEqual([]);
  });

  test("keeps no more of a huge notification than is good to show", async () => {
    const handler = await start();
    handler.cast.record("s", { type: "log", level: "info", data: { text: "x".repeat(1_000_000) } });
    handler.cast.record("s", { type: "resource-updated", uri: `r://${"x".repeat(1_000_000)}` });
    const kept = await handler.call.query();
    expect(JSON.stringify(kept).length).toBeLessThan(10_000);
    expect(kept[0]).toMatchObject({
      notification: { level: "info", data: expect.stringContaining("(1000011 characters)") },
    });
  });

  test("passes on what a subscriber asked for, until it ends", async () => {
    const handler = await start();
    const [watcher, dead] = [await startRecorder(), await startRecorder()];
    await handler.call.subscribe(watcher, { server: "a", categories: ["log"] });
    await handler.call.subscribe(dead);
    exit(dead, "kill");
    await dead.down;
    handler.cast.record("b", { type: "log", level: "info", data: "not asked for" });
    handler.cast.record("a", { type: "tools-changed" });
    handler.cast.record("a", { type: "log", level: "info", data: "asked for" });
    expect(await watcher.call.notification("log")).toMatchObject({ server: "a", notification: { data: "asked for" } });
  });

  test("tells a watcher that subscribes again once, by its newest filter", async () => {
    const handler = await start();
    const recorder = await startRecorder();
    await handler.call.subscribe(recorder, { server: "a" });
    await handler.call.subscribe(recorder, { server: "b" });
    for (const server of ["a", "b"]) handler.cast.record(server, { type: "tools-changed" });
    expect(await handler.call.getStatus()).toMatchObject({ details: "2 notifications so far, 1 subscribers" });
    expect(await recorder.call.notification("tools-changed")).toMatchObject({ server: "b" });
  });

  test("tells a flood together: what came within a window is one message, of the newest, with how many are left out", async () => {
    const handler = await start();
    const recorder = await startRecorder();
    await handler.call.subscribeBatched(recorder, { categories: ["log"] }, 300);
    for (let i = 0; i < 150; i++) handler.cast.record("a", { type: "log", level: "info", data: i });
    handler.cast.record("a", { type: "tools-changed" });
    const first = await recorder.call.batch();
    expect(first.leftOut).toBe(50);
    expect(first.recorded.map(({ notification }) => notification.type === "log" && notification.data)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 50),
    );
    handler.cast.record("a", { type: "log", level: "info", data: "later" });
    expect(await recorder.call.batch()).toMatchObject({ leftOut: 0, recorded: [{ notification: { data: "later" } }] });
  });
});
