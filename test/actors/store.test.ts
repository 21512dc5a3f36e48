import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Store } from "../../src/actors/store/store.js";
import { stopProcess } from "../../src/supervision/index.js";
import { temporaryHome } from "../support/home.js";

const insert = (id: string) => ({
  sql: "INSERT INTO sessions (id, project, run, model, created_at, updated_at) VALUES (?, 'p', 'r', 'm', 1, 1)",
  params: [id],
});
const ids = { sql: "SELECT id FROM sessions ORDER BY id" };

describe("Store", () => {
  it("keeps what it acknowledged over a restart, in WAL mode, with the schema's number in the file", async () => {
    const file = join(temporaryHome(), "deep", "banyan.db");
    const first = await Store.start({ file });
    await first.call.write(insert("a"), insert("b"));
    expect(await first.call.all({ sql: "PRAGMA journal_mode" })).toEqual([{ journal_mode: "wal" }]);
    await stopProcess(first);
    const second = await Store.start({ file });
    expect(await second.call.all(ids)).toEqual([{ id: "a" }, { id: "b" }]);
    expect(await second.call.status()).toMatchObject({ durable: true, notices: [] });
    await stopProcess(second);
  });

  it("writes all statements of a call or none, and crashes on a statement that is wrong", async () => {
    const file = join(temporaryHome(), "banyan.db");
    const store = await Store.start({ file });
    await expect(store.call.write(insert("a"), insert("a"))).rejects.toMatchObject({ code: "exited" });
    const again = await Store.start({ file });
    expect(await again.call.all(ids)).toEqual([]);
    await stopProcess(again);
  });

  it("moves a file that is no database aside, begins a new one, and says so", async () => {
    const home = temporaryHome();
    const file = join(home, "banyan.db");
    writeFileSync(file, "this is a letter, not a database, and quite a long one too".repeat(50));
    const store = await Store.start({ file });
    await store.call.write(insert("a"));
    const { durable, notices } = await store.call.status();
    expect(durable).toBe(true);
    expect(notices).toEqual([expect.stringMatching(/was not a database.*now lies at .*broken-.*a new one was begun/)]);
    expect(readdirSync(home).some((name) => name.startsWith("banyan.db.broken-"))).toBe(true);
    await stopProcess(store);
  });

  it("goes on in memory where it cannot write, and says how to mend it", async () => {
    const home = temporaryHome();
    writeFileSync(join(home, "data"), "a file where a folder should be");
    const store = await Store.start({ file: join(home, "data", "banyan.db") });
    await store.call.write(insert("a"));
    expect(await store.call.all(ids)).toEqual([{ id: "a" }]);
    const { durable, notices } = await store.call.status();
    expect(durable).toBe(false);
    expect(notices).toEqual([expect.stringContaining("make the folder writable or choose another with --home DIR")]);
    await stopProcess(store);
  });

  it("never touches a database that a newer Banyan wrote", async () => {
    const home = temporaryHome();
    mkdirSync(home, { recursive: true });
    const file = join(home, "banyan.db");
    const store = await Store.start({ file });
    await store.call.all({ sql: "PRAGMA user_version" });
    await stopProcess(store);
    const { default: Database } = await import("better-sqlite3");
    const db = new Database(file);
    db.pragma("user_version = 999");
    db.close();
    const later = await Store.start({ file });
    expect(await later.call.status()).toMatchObject({
      durable: false,
      notices: [expect.stringContaining("written by a newer Banyan")],
    });
    await stopProcess(later);
  });
});
