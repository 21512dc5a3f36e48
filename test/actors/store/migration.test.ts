import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { searchMessages } from "../../../src/actors/session/search.js";
import { hold } from "../../../src/actors/store/held.js";
import { migrations } from "../../../src/actors/store/migrations.js";
import { Store, supervision } from "../../support/built-store.js";
import { temporaryHome } from "../../support/home.js";

const MESSAGES = 10_000;

/** As a Banyan before names, forks and searching left it. */
function oldDatabase(file: string): void {
  const db = hold(new Database(file));
  for (const step of migrations.slice(0, 3)) db.exec(step);
  db.exec(`
    PRAGMA user_version = 3;
    INSERT INTO sessions (id, project, run, model, created_at, updated_at, input_tokens) VALUES ('s', '/p', 'r', 'm', 1, 2, 3);
    WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${MESSAGES - 1})
    INSERT INTO messages (session, position, id, body, created_at)
    SELECT 's', n, 'm' || n,
           json_object('id', 'm' || n, 'at', n, 'role', 'user', 'text', 'word number' || n, 'status', 'complete'), n
    FROM numbers;
    UPDATE messages SET body = 'no json' WHERE position = 5;
  `);
  db.close();
}

it("an old database is backed up, then has all its messages and finds their words", async () => {
  const folder = temporaryHome();
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "banyan.db");
  oldDatabase(file);
  const store = await Store.start({ file });
  onTestFinished(() => supervision.stopProcess(store));
  expect(await store.call.status()).toMatchObject({ durable: true, notices: [] });
  const sql = "SELECT COUNT(*) AS n, MAX(position) AS last, COUNT(DISTINCT seq) AS numbers FROM messages";
  expect(await store.call.all({ sql })).toEqual([{ n: MESSAGES, last: MESSAGES - 1, numbers: MESSAGES }]);
  expect(await store.call.all({ sql: "SELECT name, kind, state, cost, input_tokens FROM sessions" })).toEqual([
    { name: null, kind: "chat", state: "whole", cost: 0, input_tokens: 3 },
  ]);
  const found = await searchMessages(store, { query: "number4711", project: "/p", limit: 5 });
  expect(found).toMatchObject([{ session: "s", number: 4712, snippet: "word number4711" }]);

  const [backup, ...others] = readdirSync(join(folder, "backups")).filter((name) => name.endsWith(".db"));
  expect(others).toEqual([]);
  const old = hold(new Database(join(folder, "backups", `${backup}`)));
  onTestFinished(() => void old.close());
  expect(hold(old.prepare("PRAGMA user_version").pluck()).get()).toBe(3);
  expect(hold(old.prepare("SELECT COUNT(*) FROM messages").pluck()).get()).toBe(MESSAGES);
});
