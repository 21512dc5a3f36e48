// The primary's port for SQLite, compiled, for it starts a program of its own.
import { existsSync, linkSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hold } from "../../../../src/actors/store/held.js";
import type { AskPrimary } from "../../../../src/mcp/client/primary-ask.js";
import { built } from "../../../support/build.js";
import { makeWorkspace } from "../../../support/workspace.js";

const work = makeWorkspace();
const never = new AbortController().signal;
let port: AskPrimary;
const query = (text: string, more: Record<string, unknown> = {}, signal = never) =>
  port("sqlite.query", { path: "shop.db", query: text, ...more }, signal);

beforeAll(async () => {
  const module = await import(built("mcp/host/primary-port/index.js"));
  port = module.primaryPort({ project: work.root });
  const database = hold(new Database(join(work.root, "shop.db")));
  database.exec(`
    CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT, price REAL, picture BLOB);
    INSERT INTO goods VALUES (1, 'apple', 0.5, x'00ff'), (2, 'pear', 0.75, NULL), (9007199254740993, 'plum', 1e999, NULL);
    CREATE VIEW cheap AS SELECT name FROM goods WHERE price < 0.6;
  `);
  database.close();
});
afterAll(() => work.remove());

describe("a query of a database in the project", () => {
  it("answers with columns and rows, of every type", async () => {
    expect(await query("SELECT * FROM goods ORDER BY id")).toEqual({
      columns: ["id", "name", "price", "picture"],
      rows: [
        [1, "apple", 0.5, "<2 bytes: 00ff>"],
        [2, "pear", 0.75, null],
        ["9007199254740993", "plum", "Infinity", null],
      ],
      more: false,
    });
  });

  it("takes parameters, reads views and the schema, and explains", async () => {
    expect(
      await query("SELECT name FROM goods WHERE price > ? AND name <> ?", { parameters: [0.6, "plum"] }),
    ).toMatchObject({
      rows: [["pear"]],
    });
    expect(await query("-- cheap ones\n/* all */ WITH c AS (SELECT * FROM cheap) SELECT * FROM c;")).toMatchObject({
      rows: [["apple"]],
    });
    expect(await query("PRAGMA table_info('goods')")).toMatchObject({
      columns: expect.arrayContaining(["name", "pk"]),
    });
    expect(await query("EXPLAIN QUERY PLAN SELECT * FROM goods")).toMatchObject({
      columns: expect.arrayContaining(["detail"]),
    });
  });

  it("ends at the number of rows asked for, and at a length of text", async () => {
    const many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    expect(await query(many, { max_rows: 3 })).toEqual({ columns: ["i"], rows: [[1], [2], [3]], more: true });
    const long = (await query(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT hex(zeroblob(100000)) FROM n",
      {
        max_rows: 1_000,
      },
    )) as { rows: string[][]; more: boolean };
    expect(long.more).toBe(true);
    expect(JSON.stringify(long).length).toBeLessThan(500_000);
    expect(long.rows[0]?.[0]).toHaveLength(4_001);
  });

  it("reads a database that another program has open for writing, in WAL mode", async () => {
    const writer = hold(new Database(join(work.root, "wal.db")));
    writer.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (7)");
    expect(await query("SELECT a FROM t", { path: "wal.db" })).toMatchObject({ rows: [[7]] });
    writer.close();
    expect(await query("SELECT a FROM t", { path: "wal.db" })).toMatchObject({ rows: [[7]] });
  });
});

describe("what is refused, and in which words", () => {
  it.each([
    "DELETE FROM goods",
    "INSERT INTO goods (name) VALUES ('x') RETURNING id",
    "WITH x AS (SELECT 1) DELETE FROM goods RETURNING *",
    "EXPLAIN DELETE FROM goods",
    "DROP TABLE goods",
    "ATTACH 'other.db' AS o",
    "VACUUM INTO 'copy.db'",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA query_only = 0",
    "PRAGMA writable_schema(1)",
    "PRAGMA user_version = 5",
    "PRAGMA user_version(5)",
    "EXPLAIN PRAGMA query_only = 0",
    "SELECT 1; DELETE FROM goods",
    "SELECT load_extension('/tmp/x.so')",
    "SELECT writefile('out.txt', 'x')",
    "SELECT readfile('/etc/passwd')",
    "SELECT * FROM nothing",
    "BEGIN IMMEDIATE",
    "",
    "-- nothing",
  ])("%s", async (text) => {
    const before = readFileSync(join(work.root, "shop.db"));
    await expect(query(text)).rejects.toMatchObject({ code: "port_refused", message: expect.stringMatching(/\.$/) });
    expect(readFileSync(join(work.root, "shop.db"))).toEqual(before);
    for (const made of ["other.db", "copy.db", "out.txt"]) expect(existsSync(join(work.root, made))).toBe(false);
  });

  it("a query without end is stopped, and when nobody waits for it at once", async () => {
    const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    const stop = new AbortController();
    const asked = query(endless, {}, stop.signal);
    stop.abort(new Error("given up"));
    await expect(asked).rejects.toThrow("given up");
    const { queryWithin } = await import(built("mcp/host/primary-port/sqlite.js"));
    const { args, answer } = queryWithin(300);
    const late = answer(args.parse({ path: "shop.db", query: endless }), { project: work.root, signal: never });
    await expect(late).rejects.toThrow("took longer than 0.3 s and was stopped; narrow it");
  });

  it("a file that is elsewhere, is no database, is damaged, or has a link beside it", async () => {
    await expect(query("SELECT 1", { path: "../outside/secret.txt" })).rejects.toThrow("outside the working folder");
    await expect(query("SELECT 1", { path: "../outside/missing" })).rejects.toThrow("outside the working folder");
    symlinkSync(join(work.outside, "secret.txt"), join(work.root, "link.db"));
    await expect(query("SELECT 1", { path: "link.db" })).rejects.toThrow("outside the working folder");
    await expect(query("SELECT 1", { path: "none.db" })).rejects.toThrow('"none.db" does not exist');
    await expect(query("SELECT 1", { path: "." })).rejects.toThrow("is no file");
    work.write("text.db", "just a text that is long enough to be one");
    await expect(query("SELECT 1", { path: "text.db" })).rejects.toThrow("is no SQLite database; use read_file");
    const good = readFileSync(join(work.root, "shop.db"));
    const bad = Buffer.from(good);
    bad.fill(0xee, 100, 6_000);
    writeFileSync(join(work.root, "bad.db"), bad);
    await expect(query("SELECT * FROM goods", { path: "bad.db" })).rejects.toThrow("damaged");
    linkSync(join(work.root, "shop.db"), join(work.root, "beside.db"));
    symlinkSync(join(work.outside, "secret.txt"), join(work.root, "beside.db-wal"));
    await expect(query("SELECT 1", { path: "beside.db" })).rejects.toThrow("a symbolic link in place of its -wal file");
  });

  it("arguments that are not what they should be", async () => {
    for (const more of [
      { max_rows: 0 },
      { max_rows: 1e6 },
      { parameters: [{}] },
      { more: 1 },
      { path: "" },
      { path: "a\0b" },
    ]) {
      await expect(query("SELECT 1", more)).rejects.toMatchObject({ code: "port_refused" });
    }
  });
});
