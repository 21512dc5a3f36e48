import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { LineEditor } from "../../src/actors/line-editor.js";
import { Store } from "../../src/actors/store/store.js";
import { Application, child, exit, type Named, named, whereis } from "../../src/supervision/index.js";
import { temporaryHome } from "../support/home.js";

const store = named<Store>("Store");
const editor = named<LineEditor>("LineEditor");

async function start(home = temporaryHome(), project = "/p", size = 1_000): Promise<Application> {
  const app = await Application.start({
    strategy: "one_for_one",
    maxRestarts: 1_000,
    children: [
      child(Store, { file: join(home, "banyan.db") }, { name: store }),
      child(LineEditor, { store, project, size }, { name: editor }),
    ],
  });
  onTestFinished(() => app.stop());
  return app;
}

function kill(name: Named<unknown>): void {
  const pid = whereis(name);
  if (pid !== undefined) exit(pid, "kill");
}

describe("LineEditor", () => {
  it("keeps the lines of each folder over a restart of the app, oldest first, a line typed again as one", async () => {
    const home = temporaryHome();
    const first = await start(home);
    for (const line of ["one", "two", "one", "a\nb", "two"]) await editor.call.remember(line);
    expect(await editor.call.history()).toEqual(["one", "a\nb", "two"]);
    await first.stop();
    const elsewhere = await start(home, "/q");
    expect(await editor.call.history()).toEqual([]);
    await editor.call.remember("one");
    await elsewhere.stop();
    await start(home);
    expect(await editor.call.history()).toEqual(["one", "a\nb", "two"]);
  });

  it("keeps as many lines as it is told, the newest, and none of more than 64 K characters", async () => {
    await start(temporaryHome(), "/p", 3);
    for (const line of ["1", "2", "3", "4", "5"]) await editor.call.remember(line);
    await editor.call.remember("x".repeat(64 * 1024 + 1));
    expect(await editor.call.history()).toEqual(["3", "4", "5"]);
    const rows = await store.call.all({ sql: "SELECT COUNT(*) AS count FROM input_history" });
    expect(rows).toEqual([{ count: 3 }]);
  });

  it("reads a history of several pages whole and in order", async () => {
    await start(temporaryHome(), "/p", 100_000);
    const lines = Array.from({ length: 1_203 }, (_, index) => `line ${index}`);
    const sql = "INSERT INTO input_history (project, text) VALUES ('/p', ?)";
    await store.call.write(...lines.map((line) => ({ sql, params: [line] })));
    expect(await editor.call.history()).toEqual(lines);
  });

  it("finds the newest lines that contain a text, whatever the case", async () => {
    await start();
    for (const line of ["Git status", "ls", "git push", "100% sure"]) await editor.call.remember(line);
    expect(await editor.call.search("GIT")).toEqual(["git push", "Git status"]);
    expect(await editor.call.search("git", 1)).toEqual(["git push"]);
    expect(await editor.call.search("%")).toEqual(["100% sure"]);
  });

  it("loses no acknowledged line when it and the Store are killed again and again under load", async () => {
    await start();
    const confirmed: string[] = [];
    const type = async (line: string): Promise<void> => {
      await editor.call.remember(line);
      confirmed.push(line);
      if (confirmed.length % 5 === 0) kill(editor);
      if (confirmed.length % 8 === 0) kill(store);
    };
    for (let round = 0; round < 12; round++) {
      await Promise.allSettled(Array.from({ length: 8 }, (_, index) => type(`${round}.${index}`)));
    }
    const kept = await editor.call.history();
    expect(confirmed.length).toBeGreaterThan(12);
    expect(kept).toEqual(expect.arrayContaining(confirmed));
    expect(new Set(kept).size).toBe(kept.length);
  });

  it("says what stands in the way when the disk is full, does not crash, and tells it in its status", async () => {
    await start();
    await editor.call.remember("one");
    const pid = whereis(editor)?.id;
    const [row] = await store.call.all({ sql: "PRAGMA page_count" });
    await store.call.all({ sql: `PRAGMA max_page_count = ${row?.page_count}` });
    await expect(editor.call.remember("x".repeat(60_000))).rejects.toMatchObject({ code: "SQLITE_FULL" });
    expect(await editor.call.getStatus()).toMatchObject({ level: "error", details: expect.stringContaining("full") });
    await store.call.all({ sql: "PRAGMA max_page_count = 100000" });
    await editor.call.remember("two");
    expect(await editor.call.getStatus()).toMatchObject({ level: "ok" });
    expect([whereis(editor)?.id, await editor.call.history()]).toEqual([pid, ["one", "two"]]);
  });
});
