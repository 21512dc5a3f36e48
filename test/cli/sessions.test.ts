// `banyan sessions`, as its user runs it; also when the program is killed in the middle of a change.
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { type StoredMessage, stamp } from "../../src/actors/session/message.js";
import { listSessions } from "../../src/actors/session/stored-sessions.js";
import { sweepSome } from "../../src/actors/session/sweep.js";
import { hold } from "../../src/actors/store/held.js";
import { Store } from "../../src/actors/store/store.js";
import { stopProcess } from "../../src/supervision/index.js";
import { banyan, bare, type Place, root, startBanyan } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";

const ID = "11111111-2222-4333-8444-555555555555";
const databaseOf = (home: string) => join(home, "data", "banyan.db");

/** A home with one conversation of the project in it. */
async function filled(here: Place, texts: readonly string[]): Promise<void> {
  mkdirSync(join(here.home, "data"), { recursive: true });
  await stopProcess(await Store.start({ file: databaseOf(here.home) }));
  const db = hold(new Database(databaseOf(here.home)));
  hold(
    db.prepare(
      "INSERT INTO sessions (id, name, project, run, model, created_at, updated_at) VALUES (?, 'old name', ?, 'r', 'm', 1, 1)",
    ),
  ).run(ID, here.cwd);
  const insert = hold(
    db.prepare("INSERT INTO messages (session, position, id, body, created_at) VALUES (?, ?, ?, ?, 1)"),
  );
  db.transaction(() => {
    for (const [position, said] of texts.entries()) {
      const message: StoredMessage = { ...stamp(), role: "user", text: said, status: "complete" };
      insert.run(ID, position, message.id, JSON.stringify(message));
    }
  })();
  db.close();
}

it("lists, shows page by page and finds, for people and for programs", async () => {
  const here = bare(temporaryHome());
  await filled(here, ["the first word", "password=grapefruit", "\u001b[31mred", "the last word"]);
  const run = (...args: string[]) => banyan(here, ["sessions", ...args]);
  const [listed, all, shown, found, missed] = await Promise.all([
    run("list"),
    run("list", "--all", "--json"),
    run("show", "old name", "--before", "4", "--limit", "2"),
    run("search", "wor"),
    run("search", "absent"),
  ]);
  expect(listed.stdout).toMatch(
    /^ID {8}NAME OR BEGINNING {2}KIND.*\n11111111 {2}old name +chat {2}4 +0 +- +1970-01-01 00:00\n$/,
  );
  expect(JSON.parse(all.stdout)).toMatchObject([
    { id: ID, name: "old name", messages: 4, kind: "chat", project: here.cwd, openIn: null },
  ]);
  expect(shown.stdout).toMatch(/^#2 you, .*\npassword=\(hidden\)\n\n#3 you, .*\nred\n\n$/);
  expect(shown.stderr).toBe("banyan: 1 messages before: banyan sessions show 11111111 --before 2\n");
  expect(found.stdout).toMatch(/old name +4 +user .* the last word\n.*old name +1 +user .* the first word\n$/);
  expect(missed).toMatchObject({ code: 1, stderr: expect.stringContaining("Nothing was found in this folder; --all") });
});

it("names, forks, exports and removes", async () => {
  const here = bare(temporaryHome());
  await filled(here, ["the first word", "password=grapefruit", "the last word"]);
  const run = (...args: string[]) => banyan(here, ["sessions", ...args]);
  const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);

  expect((await run("rename", "1111", "new", "name")).stdout).toContain("banyan --resume 'new name'");
  const fork = await json("fork", "new name", "--at", "2", "--name", "fork");
  expect(fork).toMatchObject({ name: "fork", messages: 2, forkedFrom: ID });
  const file = join(here.cwd, "talk.md");
  const [printed, written, none, twice, asked] = await Promise.all([
    run("export", "fork", "--format", "json"),
    run("export", "fork", "--file", "talk.md"),
    run("show", "nothing"),
    run("rename", "fork", "new name"),
    run("remove", "fork"),
  ]);
  expect(JSON.parse(printed.stdout)).toMatchObject({
    messages: [{ text: "the first word" }, { text: "password=(hidden)" }],
  });
  expect([written.stdout, readFileSync(file, "utf8")]).toEqual([
    `2 messages are in ${file}.\n`,
    expect.stringContaining("the first word"),
  ]);
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("banyan sessions list shows what there is") });
  expect(twice).toMatchObject({ code: 1, stderr: expect.stringContaining("choose another name") });
  expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining("again with --yes") });
  expect((await run("remove", "fork", "--yes")).stdout).toMatch(/^Removed .*\(fork\)\.\n$/);
  expect(await json("list")).toMatchObject([{ id: ID }]);
  expect((await banyan(here, ["audit", "list"])).stdout).toContain(`session.remove   ${fork.id}`);
});

it("ends quietly when whoever reads an export has had enough", async () => {
  const here = bare(temporaryHome());
  await filled(
    here,
    Array.from({ length: 300 }, () => "word ".repeat(200)),
  );
  const app = startBanyan(here, ["sessions", "export", ID]);
  app.stdin.end();
  const complaint = text(app.stderr);
  await once(app.stdout, "data");
  app.stdout.destroy();
  const [code] = await once(app, "close");
  expect([code, await complaint]).toEqual([0, ""]);
});

it("a run of one answer is listed as such, and gone on with by its name", async () => {
  const here = bare(temporaryHome(), 'model = "offline"\n');
  expect((await banyan(here, ["-p", "hello"])).code).toBe(0);
  const [session] = JSON.parse((await banyan(here, ["sessions", "list", "--json"])).stdout);
  expect(session).toMatchObject({ kind: "print", messages: 2 });
  await banyan(here, ["sessions", "rename", session.id, "greeting"]);
  expect((await banyan(here, ["-p", "hello again", "--resume", "greeting"])).code).toBe(0);
  expect(JSON.parse((await banyan(here, ["sessions", "list", "--json"])).stdout)).toMatchObject([{ messages: 4 }]);
});

/** Kills its process with -9 before the `at`th message that any process of it handles. */
function killer(at: number): string {
  const index = JSON.stringify(pathToFileURL(join(root, "dist", "supervision", "index.js")).href);
  const code = `import { currentRuntime } from ${index};
let handled = 0;
currentRuntime().beforeHandling = () => { if (++handled === ${at}) process.kill(process.pid, "SIGKILL"); };`;
  return `--import data:text/javascript,${encodeURIComponent(code)}`;
}

describe("kill -9 in the middle of", () => {
  const texts = Array.from({ length: 250 }, (_, n) => `message ${n}`);
  const changes = {
    fork: { args: ["fork", ID, "--name", "fork"], ends: ["fork,old name", ",old name"] },
    rename: { args: ["rename", ID, "new name"], ends: ["new name"] },
    remove: { args: ["remove", ID, "--yes"], ends: [""] },
  };

  for (const [name, { args, ends }] of Object.entries(changes)) {
    it(`a ${name} leaves every conversation whole, as it was or as it was to be`, async () => {
      const first = bare(temporaryHome());
      await filled(first, texts);
      const seen: string[] = [];
      for (let at = 4, killed = true; killed; at += 2) {
        const folder = temporaryHome();
        mkdirSync(join(folder, "home", "data"), { recursive: true });
        const file = databaseOf(join(folder, "home"));
        copyFileSync(databaseOf(first.home), file);
        const here = bare(folder);
        const { code } = await banyan({ ...here, env: { ...here.env, NODE_OPTIONS: killer(at) } }, [
          "sessions",
          ...args,
        ]);
        killed = code === null; // by the signal; once there are not so many messages, it has ended by itself
        expect([null, 0]).toContain(code);

        const store = await Store.start({ file });
        onTestFinished(() => stopProcess(store));
        while (await sweepSome(store));
        const sessions = await listSessions(store, undefined, 10);
        const rows = await store.call.all({
          sql: "SELECT session, body ->> 'text' AS text FROM messages ORDER BY position",
        });
        for (const { id } of sessions) {
          expect(rows.filter(({ session }) => session === id).map((row) => row.text)).toEqual(texts);
        }
        expect(rows).toHaveLength(sessions.length * texts.length); // nothing is left of what is not there
        const removals = await store.call.all({ sql: "SELECT 1 FROM audit WHERE action = 'session.remove'" });
        expect(removals).toHaveLength(sessions.length === 0 ? 1 : 0);
        seen.push(
          sessions
            .map((session) => session.name ?? "")
            .sort()
            .join(),
        );
      }
      expect(seen[0]).toBe("old name"); // it was killed before the change
      expect(seen.at(-1)).toBe(ends[0]);
      for (const end of seen) expect(["old name", ...ends]).toContain(end);
    });
  }
});
