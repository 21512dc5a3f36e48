import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { Audit, recordAction } from "../../../src/actors/audit/audit.js";
import { newestRows, verify } from "../../../src/actors/audit/chain.js";
import type { AuditEntry } from "../../../src/actors/audit/entry.js";
import { hold } from "../../../src/actors/store/held.js";
import { Store } from "../../../src/actors/store/store.js";
import { Application, child, exit, type Named, named, whereis } from "../../../src/supervision/index.js";
import { root } from "../../support/banyan.js";
import { temporaryHome } from "../../support/home.js";

const store = named<Store>("Store");
const audit = named<Audit>("Audit");

/** Starts the two under a supervisor; returns the database's file. */
async function start(): Promise<string> {
  const file = join(temporaryHome(), "banyan.db");
  const app = await Application.start({
    strategy: "one_for_one",
    maxRestarts: 1_000,
    children: [
      child(Store, { file }, { name: store }),
      child(Audit, { store, project: "/p", run: "run-1" }, { name: audit }),
    ],
  });
  onTestFinished(() => app.stop());
  return file;
}

const approval = (subject: string, detail: Record<string, unknown> = {}) => ({
  action: "approval.once" as const,
  subject,
  detail,
});

/** What somebody does to the file past the app. */
function tamper(file: string, ...statements: string[]): void {
  const db = hold(new Database(file));
  for (const sql of statements) db.exec(sql);
  db.close();
}

const UNLOCKED = "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted";

describe("the audit", () => {
  it("has each action once, in order, each row bound to the one before it", async () => {
    const file = await start();
    for (const name of ["one", "two", "three"]) await recordAction(audit, approval(name, { n: name }));
    const rows = newestRows(file, 2);
    expect(rows.map(({ seq, subject, run, project }) => [seq, subject, run, project])).toEqual([
      [2, "two", "run-1", "/p"],
      [3, "three", "run-1", "/p"],
    ]);
    expect(rows[1]?.previous).toBe(rows[0]?.hash);
    expect(verify(file)).toEqual({ rows: 3, last: rows[1]?.hash, broken: undefined });
  });

  it("loses no acknowledged row and has none twice when Audit and Store are killed again and again under load", async () => {
    const file = await start();
    const confirmed: string[] = [];
    const kill = (victim: Named<unknown>): void => {
      const pid = whereis(victim);
      if (pid !== undefined) exit(pid, "kill");
    };
    const act = async (name: string): Promise<void> => {
      await recordAction(audit, { id: name, ...approval(name) });
      confirmed.push(name);
      if (confirmed.length % 4 === 0) kill(audit);
      if (confirmed.length % 7 === 0) kill(store);
    };
    // Ten at once: a kill meets those under way. One that was given up may or may not be there.
    for (let round = 0; round < 12; round++) {
      await Promise.allSettled(Array.from({ length: 10 }, (_, index) => act(`action ${round}.${index}`)));
    }
    const kept = newestRows(file, 1_000).map(({ subject }) => subject);
    expect(new Set(kept).size).toBe(kept.length);
    expect(confirmed.length).toBeGreaterThan(12);
    for (const name of confirmed) expect(kept).toContain(name);
    expect(verify(file)).toMatchObject({ rows: kept.length, broken: undefined });
  });

  it("stays one chain when several programs append to one database at once", async () => {
    const file = await start();
    const dist = (path: string) => JSON.stringify(pathToFileURL(join(root, "dist", path)).href);
    const program = `
      const { Store } = await import(${dist("actors/store/store.js")});
      const { Audit, recordAction } = await import(${dist("actors/audit/audit.js")});
      const store = await Store.start({ file: process.argv[1] });
      const audit = await Audit.start({ store, project: "/other", run: process.argv[2] });
      for (let i = 0; i < 40; i++) await recordAction(audit, { action: "approval.once", subject: "x", detail: { i } });
      process.exit();`;
    const others = ["run-2", "run-3"].map((run) =>
      spawn(process.execPath, ["--input-type=module", "-e", program, file, run], { stdio: "inherit" }),
    );
    for (let i = 0; i < 40; i++) await recordAction(audit, approval("mine"));
    const codes = await Promise.all(others.map(async (other) => (await once(other, "close"))[0]));
    expect(codes).toEqual([0, 0]);
    expect(verify(file)).toMatchObject({ rows: 120, broken: undefined });
  });

  it("writes the row and what it allows together or not at all", async () => {
    const file = await start();
    const allow = { sql: "INSERT INTO approvals (project, tool, created_at) VALUES ('/p', ?, 1)", params: ["a.b"] };
    await recordAction(audit, approval("a.b"), allow);
    await expect(recordAction(audit, approval("again"), allow)).rejects.toThrow();
    expect(await store.call.all({ sql: "SELECT tool FROM approvals" })).toEqual([{ tool: "a.b" }]);
    expect(newestRows(file, 10).map(({ subject }) => subject)).toEqual(["a.b"]);
  });

  it("is never changed, deleted or replaced: the database itself refuses", async () => {
    const file = await start();
    await recordAction(audit, approval("one"));
    await recordAction(audit, approval("two"));
    for (const sql of [
      "UPDATE audit SET subject = 'other' WHERE seq = 1",
      "DELETE FROM audit WHERE seq = 2",
      "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 1",
      "INSERT OR REPLACE INTO audit SELECT 3, id, at, project, run, action, 'x', detail, previous, hash FROM audit WHERE seq = 2; DELETE FROM audit",
    ]) {
      expect(() => tamper(file, sql), sql).toThrow("the audit is append-only");
    }
  });

  it.each([
    ["was changed", "UPDATE audit SET subject = 'harmless' WHERE seq = 2", 2, "it was changed after it was written"],
    ["was taken out", "DELETE FROM audit WHERE seq = 3", 4, "row 3 is missing"],
    ["and others are missing at the start", "DELETE FROM audit WHERE seq < 4", 4, "rows 1 to 3 are missing"],
    [
      "was moved up",
      "DELETE FROM audit WHERE seq = 2; UPDATE audit SET seq = seq - 1 WHERE seq > 2",
      2,
      "it was changed after it was written",
    ],
  ])("names the first row that does not fit when a row %s", async (_, sql, seq, why) => {
    const file = await start();
    for (const name of ["1", "2", "3", "4", "5"]) await recordAction(audit, approval(name));
    tamper(file, UNLOCKED, sql);
    expect(verify(file).broken).toMatchObject({ row: { seq }, why });
  });

  it("finds a row that was changed together with its own hash by the row after it", async () => {
    const file = await start();
    for (const name of ["1", "2", "3"]) await recordAction(audit, approval(name));
    const db = await Store.start({ file });
    await db.call.write({ sql: "DROP TRIGGER audit_is_not_changed" });
    await db.call.write({
      sql: `UPDATE audit SET subject = 'x', hash = sha256(json_object('action', action, 'at', at, 'detail', detail,
            'id', id, 'previous', previous, 'project', project, 'run', run, 'seq', seq, 'subject', 'x')) WHERE seq = 2`,
    });
    expect(verify(file).broken).toMatchObject({ row: { seq: 3 }, why: expect.stringContaining("does not follow") });
  });

  it("leaves secrets out, by key and by look, and cuts what is long", async () => {
    const file = await start();
    const key = `sk-proj-${"a1B2".repeat(10)}`;
    await recordAction(
      audit,
      approval("host.write_file", {
        path: "notes.txt",
        api_key: "hunter2",
        nested: { Authorization: "x", list: [`use ${key} now`, "Bearer abcdefghijkl"] },
        url: "https://ann:hunter2@example.org/",
        content: "y".repeat(100_000),
      }),
    );
    const detail = newestRows(file, 1)[0]?.detail ?? "";
    expect(JSON.parse(detail)).toMatchObject({
      path: "notes.txt",
      api_key: "(hidden)",
      nested: { Authorization: "(hidden)", list: ["use (hidden) now", "Bearer (hidden)"] },
      url: "https://(hidden)@example.org/",
      content: expect.stringMatching(/^y{2000}… \(\d+ characters\)$/),
    });
    expect(detail).not.toContain("hunter2");
    await recordAction(audit, approval("x", { many: Array.from({ length: 50 }, () => "y".repeat(2_000)) }));
    expect(newestRows(file, 1)[0]?.detail.length).toBeLessThan(20_000);
  });

  it("refuses what is no entry, says why, and goes on", async () => {
    const file = await start();
    const pid = whereis(audit)?.id;
    const entry = { id: "1", at: 1, action: "approval.maybe", subject: "x", detail: {} } as unknown as AuditEntry; // a wrong word
    await expect(audit.call.record(entry)).rejects.toMatchObject({
      code: "audit_entry",
      message: expect.stringContaining('"approval.once"'),
    });
    await recordAction(audit, approval("one"));
    expect([whereis(audit)?.id, verify(file).rows]).toEqual([pid, 1]);
  });

  it("says in its status that it cannot write, and that it can again", async () => {
    await start();
    await recordAction(audit, approval("one"));
    const [row] = await store.call.all({ sql: "PRAGMA page_count" });
    await store.call.all({ sql: `PRAGMA max_page_count = ${row?.page_count}` });
    const full = async (): Promise<void> => {
      for (;;) await recordAction(audit, approval("x".repeat(1_000)));
    };
    await expect(full()).rejects.toMatchObject({ code: "SQLITE_FULL" });
    expect(await audit.call.getStatus()).toMatchObject({
      level: "error",
      details: expect.stringContaining("the disk is full"),
    });
    await store.call.all({ sql: "PRAGMA max_page_count = 100000" });
    await recordAction(audit, approval("two"));
    expect((await audit.call.getStatus()).level).toBe("ok");
  });

  it("hashes any text alike where it is written and where it is verified", async () => {
    const file = await start();
    const texts = fc.sample(fc.string({ unit: "binary", maxLength: 60 }), { numRuns: 60, seed: 1 });
    for (const text of [...texts, "\u0000", "\u2028", "\ud800 alone", '"\\/', "é", "e\u0301"]) {
      await recordAction(audit, approval(text, { [text]: text }));
    }
    expect(verify(file)).toMatchObject({ rows: 66, broken: undefined });
  });
});
