// The built Store, for it does these things in threads. "look", sent to it, stands for the moment at which it would look itself.
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import type { StoredMessage } from "../../../src/actors/session/message.js";
import { hold } from "../../../src/actors/store/held.js";
import type { Store as StoreClass } from "../../../src/actors/store/store.js";
import type { UpkeepOptions } from "../../../src/actors/store/upkeep.js";
import type { Pid, Ref } from "../../../src/supervision/index.js";
import { Session, Store, supervision } from "../../support/built-store.js";
import { temporaryHome } from "../../support/home.js";

const { Application, DynamicSupervisor, GenServer, child, named, send, stopProcess } = supervision;

const DAY_MS = 86_400_000;
const today = () => `banyan-${new Date().toISOString().slice(0, 10)}.db`;
const standard: UpkeepOptions = { warnSize: 1e9, maxSize: 2e9, backupsKept: 3, backupInterval: DAY_MS };
const approve = (tool: string) => ({
  sql: "INSERT INTO approvals (project, tool, created_at) VALUES ('/p', ?, 1)",
  params: [tool],
});
const tools = { sql: "SELECT tool FROM approvals ORDER BY tool" };
const log = (bytes: number) => ({
  sql: "INSERT INTO notifications (at, project, run, source, category, body) VALUES (1, '/p', 'r', 's', 'log', ?)",
  params: ["x".repeat(bytes)],
});

async function open(file: string, upkeep: Partial<UpkeepOptions> = {}): Promise<Pid<StoreClass>> {
  const store = await Store.start({ file, upkeep: { ...standard, ...upkeep } });
  onTestFinished(() =>
    stopProcess(store).then(
      () => {},
      () => {},
    ),
  );
  return store;
}

class Watcher extends GenServer<void, string[]> {
  protected override init() {
    this.state = [];
  }
  storeChanged(notice: string) {
    this.state.push(notice);
  }
  seen() {
    return this.state;
  }
}

/** What the user is told from now on. */
async function listen(store: Pid<StoreClass>) {
  const watcher = await Watcher.start();
  await store.call.watch(watcher);
  return async () => (await watcher.call.seen()).join("\n");
}

/** Makes the Store check its file, and back it up if that is due. */
const care = (store: Ref<StoreClass>) => store.with({ timeout: 100_000 }).call.check();

/** What SQLite itself says of a file that nobody has open. */
function read(file: string, sql: string): unknown[] {
  const db = hold(new Database(file, { fileMustExist: true }));
  const rows = hold(db.prepare(sql).pluck()).all();
  db.close();
  return rows;
}

/** A database with enough in it that one page of it can be spoilt without anybody noticing at once. */
async function filled(file: string, upkeep: Partial<UpkeepOptions> = {}): Promise<Pid<StoreClass>> {
  const store = await open(file, upkeep);
  await store.call.write(approve("before"), ...Array.from({ length: 200 }, () => log(1_000)));
  return store;
}

/** Spoils a page in the middle of the file. */
function spoil(file: string): void {
  const disk = openSync(file, "r+");
  const middle = Math.floor(statSync(file).size / 4096 / 2) * 4096;
  writeSync(disk, Buffer.alloc(4096, 0xff), 0, 4096, middle);
  closeSync(disk);
}

describe("a backup", () => {
  it("is a whole, private database with all that was acknowledged, made once a day", async () => {
    const home = temporaryHome();
    const file = join(home, "banyan.db");
    const store = await filled(file);
    await care(store);
    const backup = join(home, "backups", today());
    expect(read(backup, "PRAGMA integrity_check")).toEqual(["ok"]);
    expect(read(backup, "SELECT tool FROM approvals")).toEqual(["before"]);
    expect([statSync(backup).mode & 0o777, statSync(join(home, "backups")).mode & 0o777]).toEqual([0o600, 0o700]);
    const { lastBackup, lastCheck } = await store.call.status();
    expect(lastBackup).toEqual({ file: backup, at: statSync(backup).mtimeMs });
    expect(lastCheck).toBeGreaterThan(Date.now() - 60_000);
    await store.call.write(approve("later"));
    const second = await open(file); // another run on the same day
    await care(second);
    expect(read(backup, "SELECT tool FROM approvals")).toEqual(["before"]);
  });

  it("is made at the start and again whenever one is due, without being asked for", async () => {
    const store = await filled(join(temporaryHome(), "banyan.db"), { backupInterval: 100 });
    const newest = async () => (await store.call.status()).lastBackup?.at;
    await expect.poll(newest).toBeDefined();
    const first = await newest();
    await expect.poll(newest).toBeGreaterThan(first ?? 0);
  });

  it("takes the place of the oldest when there are enough, and what was left unfinished goes", async () => {
    const home = temporaryHome();
    const store = await filled(join(home, "banyan.db"));
    const backups = join(home, "backups");
    mkdirSync(backups);
    for (const day of ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]) {
      writeFileSync(join(backups, `banyan-${day}.db`), "");
      utimesSync(join(backups, `banyan-${day}.db`), 1, 1);
    }
    writeFileSync(join(backups, "banyan-2026-01-05.db.unfinished"), "half of it");
    await care(store);
    expect(
      readdirSync(backups)
        .filter((name) => name.startsWith("banyan"))
        .sort(),
    ).toEqual(["banyan-2026-01-03.db", "banyan-2026-01-04.db", today()]);
  });

  it("that cannot be made is told, and everything else goes on", async () => {
    const home = temporaryHome();
    writeFileSync(join(home, "backups"), "a file where a folder should be");
    const store = await filled(join(home, "banyan.db"));
    const told = await listen(store);
    await care(store);
    expect(await told()).toMatch(/^No backup of the database could be made \(.*\); make room, or see to the folder/);
    expect(await store.call.getStatus()).toMatchObject({
      level: "warn",
      details: "the database could not be backed up",
    });
    await store.call.write(approve("later"));
    rmSync(join(home, "backups"));
  });

  it("is not made where none are wanted, nor of a file that nobody looks after", async () => {
    const home = temporaryHome();
    await care(await open(join(home, "banyan.db"), { backupsKept: 0 }));
    const plain = await Store.start({ file: join(home, "plain.db") });
    expect((await care(plain)).lastCheck).toBeUndefined();
    await stopProcess(plain);
    expect(existsSync(join(home, "backups"))).toBe(false);
  });
});

describe("a damaged database", () => {
  it("is found by the check and the newest good backup takes its place; what was restored and where the rest lies is told", async () => {
    const home = temporaryHome();
    const file = join(home, "banyan.db");
    const store = await filled(file);
    await care(store);
    copyFileSync(join(home, "backups", today()), join(home, "backups", "banyan-9999-01-01.db"));
    spoil(join(home, "backups", "banyan-9999-01-01.db"));
    await store.call.write(approve("after the backup"));
    await store.call.all({ sql: "PRAGMA wal_checkpoint(TRUNCATE)" });
    spoil(file);
    const [told, { id }] = [await listen(store), await store.call.status()];
    const damaged = readFileSync(file);
    const again = await open(file);
    await care(again);
    expect(await again.call.all(tools)).toEqual([{ tool: "before" }]);
    // The other one meets the file that is there now as soon as it uses it.
    expect(await store.call.all(tools)).toEqual([{ tool: "before" }]);
    expect(await told()).toMatch(/banyan\.db was moved or replaced while Banyan ran/);
    expect((await store.call.status()).id).not.toBe(id);
    const { notices } = await again.call.status();
    const aside = readdirSync(home).find((name) => /^banyan\.db\.broken-[^.]*$/.test(name)) ?? "";
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(
      /was damaged \(.+\); it now lies at .*broken-\S+, and the backup of .+ \(1 newer, damaged too, was passed over\) took its place\. What was written after that is not in it\.$/,
    );
    expect(notices[0]).toContain(join(home, aside));
    expect(readFileSync(join(home, aside)).equals(damaged)).toBe(true);
    expect(await again.call.getStatus()).toMatchObject({ level: "warn" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("that cannot be opened takes the same way", async () => {
    const home = temporaryHome();
    const file = join(home, "banyan.db");
    const first = await filled(file);
    await care(first);
    await stopProcess(first);
    writeFileSync(file, "this is a letter, not a database".repeat(200));
    const second = await open(file);
    expect(await second.call.all(tools)).toEqual([{ tool: "before" }]);
    expect((await second.call.status()).notices).toEqual([expect.stringMatching(/lies at .*, and the backup of /)]);
  });

  it("without a good backup is moved aside and a new one begun, which is said", async () => {
    const home = temporaryHome();
    const file = join(home, "banyan.db");
    mkdirSync(join(home, "backups"));
    for (const day of ["2026-01-01", "2026-01-02"])
      writeFileSync(join(home, "backups", `banyan-${day}.db`), "no database".repeat(99));
    writeFileSync(file, "this is a letter, not a database".repeat(200));
    const store = await open(file);
    expect(await store.call.all(tools)).toEqual([]);
    expect((await store.call.status()).notices).toEqual([
      expect.stringMatching(/lies at .*broken-\S+ and a new one was begun, for all 2 backups are damaged too\.$/),
    ]);
  });

  it("comes back from its backup also where the lock beside the backups is damaged, which is nobody's then", async () => {
    const file = join(temporaryHome(), "banyan.db");
    const first = await filled(file);
    await care(first);
    await stopProcess(first);
    const lock = join(dirname(file), "backups", "lock");
    for (const garbage of ["no lock at all", "SQLite format 3\0".repeat(900)]) {
      writeFileSync(file, "this is a letter, not a database".repeat(200));
      writeFileSync(lock, garbage);
      const store = await open(file);
      expect(await store.call.all(tools)).toEqual([{ tool: "before" }]);
      expect((await store.call.status()).durable).toBe(true);
      await stopProcess(store);
    }
  });

  it("that cannot be mended is said to be so in words", async () => {
    const file = join(temporaryHome(), "banyan.db");
    mkdirSync(join(dirname(file), "backups", "lock"), { recursive: true });
    writeFileSync(file, "this is a letter, not a database".repeat(200));
    const store = await open(file);
    expect((await store.call.status()).notices).toEqual([
      expect.stringMatching(/cannot be used \(EISDIR.*\), so nothing of this session is kept/),
    ]);
  });

  it("that is gone, or cut down to nothing, comes back from its backup", async () => {
    for (const lose of [(file: string) => rmSync(file), (file: string) => truncateSync(file)]) {
      const home = temporaryHome();
      const file = join(home, "banyan.db");
      const first = await filled(file);
      await care(first);
      await stopProcess(first);
      lose(file);
      const second = await open(file);
      expect(await second.call.all(tools)).toEqual([{ tool: "before" }]);
      expect((await second.call.status()).notices).toEqual([expect.stringMatching(/the backup of .* took its place/)]);
    }
  });

  it("that is removed while it is in use is noticed with the next write, which is not lost", async () => {
    const home = temporaryHome();
    const file = join(home, "banyan.db");
    const store = await filled(file);
    const told = await listen(store);
    for (const name of readdirSync(home)) rmSync(join(home, name), { recursive: true });
    expect(await store.call.write(approve("new"))).toEqual([1]);
    expect(await told()).toMatch(/was moved or replaced while Banyan ran; it goes on with the one that is there now/);
    await stopProcess(store);
    expect(read(file, "SELECT tool FROM approvals")).toEqual(["new"]);
  });
});

describe("the conversation that goes on while a backup takes the database's place", () => {
  const store = named<StoreClass>("Store");
  const session = named<InstanceType<typeof Session>>("Session");
  const stores = named<InstanceType<typeof DynamicSupervisor>>("MessageStores");

  it("is all there, what the backup does not know too, and still belongs to this run", async () => {
    const home = temporaryHome();
    const file = join(home, "banyan.db");
    const start = async (run: string, resume: true | undefined) => {
      const window = { messages: 1_000, size: 1_000_000 };
      const arg = {
        store,
        messages: stores,
        run,
        project: "/p",
        model: "offline",
        kind: "chat" as const,
        resume,
        window,
      };
      const app = await Application.start({
        strategy: "one_for_one",
        children: [
          child(Store, { file, upkeep: standard }, { name: store }),
          child(DynamicSupervisor, undefined, { name: stores }),
          child(Session, arg, { name: session }),
        ],
      });
      onTestFinished(() => app.stop());
      return app;
    };
    const say = (text: string): Promise<unknown> => {
      const message: StoredMessage = { id: text, at: Date.now(), role: "user", text, status: "complete" };
      return session.call.put(message);
    };
    const first = await start("run-1", undefined);
    await say("one");
    expect((await care(store)).lastBackup).toBeDefined();
    await first.stop();

    await start("run-2", true);
    for (let i = 0; i < 250; i++) await say(`more ${i}`);
    await store.call.all({ sql: "PRAGMA wal_checkpoint(TRUNCATE)" });
    spoil(file);
    expect((await care(store)).notices).toHaveLength(1);
    await say("last");
    const { id, messages } = await session.call.view();
    expect(messages).toHaveLength(252);
    const kept = await store.call.all({
      sql: "SELECT m.id, m.position, s.run FROM messages m JOIN sessions s ON s.id = m.session WHERE session = ? ORDER BY position",
      params: [id],
    });
    expect(kept).toEqual(messages.map((message, position) => ({ id: message.id, position, run: "run-2" })));
  });
});

describe("a database that grows", () => {
  it("is told of once it is large", async () => {
    const store = await filled(join(temporaryHome(), "banyan.db"), { warnSize: 100_000 });
    const told = await listen(store);
    for (let i = 0; i < 3; i++) send(store, "look");
    expect((await store.call.status()).size).toBeGreaterThan(200_000);
    expect(await told()).toMatch(/^The database holds 0\.\d MB, more than the 0\.1 MB it is warned of[^\n]*$/);
    expect(await store.call.getStatus()).toMatchObject({ level: "warn", details: "the database is large" });
  });

  it("loses its oldest log, and nothing else, once it reaches its limit; the file shrinks with it", async () => {
    const file = join(temporaryHome(), "banyan.db");
    const store = await filled(file, { maxSize: 2_000_000 });
    const told = await listen(store);
    for (let i = 0; i < 3_000; i++) store.cast.append(log(1_000));
    await expect
      .poll(told)
      .toMatch(
        /^The database had reached its limit of 1\.9 MB \(max_size under \[store\]\): its \d+ oldest notifications of servers were removed, and it holds 1\.\d MB now\.$/,
      );
    const [count] = await store.call.all({ sql: "SELECT COUNT(*) AS rows, MAX(id) AS newest FROM notifications" });
    expect(count?.newest).toBe(3_200);
    expect(Number(count?.rows)).toBeLessThan(2_000);
    expect(await store.call.all(tools)).toEqual([{ tool: "before" }]);
    const free = async () => (await store.call.all({ sql: "PRAGMA freelist_count" }))[0]?.freelist_count;
    await expect.poll(free).toBe(0);
    await store.call.all({ sql: "PRAGMA wal_checkpoint(TRUNCATE)" });
    expect(statSync(file).size).toBeLessThan(2_000_000);
  });

  it("of which nothing may be removed is told of, and grows on", async () => {
    const store = await open(join(temporaryHome(), "banyan.db"), { maxSize: 100_000 });
    const told = await listen(store);
    await store.call.write(approve("x".repeat(300_000)));
    send(store, "look");
    await expect.poll(told).toMatch(/more than its limit of 0\.1 MB .* no log is left in it to remove/);
    expect(await store.call.all(tools)).toHaveLength(1);
  });
});
