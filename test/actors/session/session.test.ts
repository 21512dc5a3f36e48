import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { type StoredMessage, stamp } from "../../../src/actors/session/message.js";
import type { Session, SessionOptions } from "../../../src/actors/session/session.js";
import { hold } from "../../../src/actors/store/held.js";
import { Store } from "../../../src/actors/store/store.js";
import { Application, child, exit, named, whereis } from "../../../src/supervision/index.js";
import { crashAtNextMessage } from "../../support/faults.js";
import { temporaryHome } from "../../support/home.js";
import { sessionChildren } from "../../support/session.js";

const store = named<Store>("Store");
const session = named<Session>("Session");

async function start(home: string, options: Partial<SessionOptions> = {}): Promise<Application> {
  const app = await Application.start({
    strategy: "one_for_one",
    maxRestarts: 100,
    children: [
      child(Store, { file: join(home, "banyan.db") }, { name: store }),
      ...sessionChildren({ store, run: "run-1", ...options }, session),
    ],
  });
  onTestFinished(() => app.stop());
  return app;
}

const user = (text: string): StoredMessage => ({ ...stamp(), role: "user", text, status: "complete" });

describe("Session", () => {
  it("has what it acknowledged after its own crash and after the store's", async () => {
    await start(temporaryHome());
    const [one, two] = [user("one"), user("two")];
    await session.call.put(one);
    await session.call.put(two);
    await session.call.addUsage(3, 4);
    const before = await session.call.view();
    for (const victim of [session, store]) {
      const pid = whereis(named(victim.name));
      exit(victim, "kill");
      await pid?.down;
      expect(await session.call.view()).toEqual(before);
    }
    expect(before).toMatchObject({ messages: [one, two], tokens: { input: 3, output: 4 } });
  });

  it("does not lose a message whose write the store crashed under", async () => {
    await start(temporaryHome());
    const noticed = crashAtNextMessage("Store");
    const message = user("hold on to this");
    await session.call.put(message);
    await noticed;
    expect((await session.call.view()).messages).toEqual([message]);
  });

  it("replaces a message under the same id and keeps its place", async () => {
    await start(temporaryHome());
    const [one, two] = [user("one"), user("two")];
    await session.call.put(one);
    await session.call.put(two);
    await session.call.put({ ...one, text: "one, corrected" } as StoredMessage);
    exit(session, "kill");
    await whereis(session)?.down;
    const { messages } = await session.call.view();
    expect(messages.map((message) => "text" in message && message.text)).toEqual(["one, corrected", "two"]);
  });

  it("goes on in a later run with the newest conversation of the folder, what was under way marked", async () => {
    const home = temporaryHome();
    const first = await start(home);
    await session.call.put(user("question"));
    await session.call.put({
      ...stamp(),
      role: "assistant",
      model: "m",
      text: "half an ans",
      toolCalls: [],
      status: "streaming",
    });
    const call = { role: "tool", callId: "c", tool: "t.t", arguments: {}, text: "" } as const;
    await session.call.put({ ...stamp(), ...call, status: "waiting" });
    await session.call.put({ ...stamp(), ...call, status: "running" });
    await session.call.put({ ...stamp(), role: "user", text: "later", status: "queued" });
    const { id } = await session.call.view();
    await first.stop();

    await start(home, { run: "run-2", resume: true });
    expect(await session.call.markInterrupted()).toHaveLength(4);
    expect(await session.call.view()).toMatchObject({
      id,
      resumed: true,
      messages: [
        { status: "complete" },
        { status: "interrupted", text: "half an ans" },
        { status: "cancelled", text: expect.stringContaining("was not run") },
        { status: "interrupted", text: expect.stringContaining("not known") },
        { status: "unsent" },
      ],
    });
  });

  it("goes on with the last chat, not with a run of one answer that came after it; such a run goes on with whatever was last", async () => {
    const home = temporaryHome();
    for (const kind of ["chat", "print"] as const) {
      const app = await start(home, { run: kind, kind });
      await session.call.put(user(`in a ${kind}`));
      await app.stop();
    }
    const chat = await start(home, { run: "run-3", resume: true });
    expect((await session.call.view()).messages).toMatchObject([{ text: "in a chat" }]);
    await chat.stop();
    await start(home, { run: "run-4", resume: true, kind: "print" });
    expect((await session.call.view()).messages).toMatchObject([{ text: "in a print" }]);
  });

  it("has what is its own after a crash, or nothing where that cannot be read, and corrects its estimate by what a provider counts", async () => {
    await start(temporaryHome());
    const pinned = [{ number: 1, kind: "text" as const, name: "n", text: "always this" }];
    await session.call.setContext({ system: "be brief", pinned });
    await session.call.measured(1_000, 1_500);
    await session.call.measured(1_000, 100); // of which most was in its cache
    await session.call.measured(10, 1_000); // too little to tell
    exit(session, "kill");
    await whereis(session)?.down;
    expect((await session.call.view()).context).toEqual({ system: "be brief", pinned, factor: 1.5 });
    await store.call.write({ sql: "UPDATE sessions SET context = 'nonsense'" });
    exit(session, "kill");
    await whereis(session)?.down;
    expect((await session.call.view()).context).toEqual({ pinned: [], factor: 1 });
  });

  it("adds up what its requests took, and has it after a crash", async () => {
    await start(temporaryHome());
    await session.call.addUsage(100, 10, 0.25, 80);
    await session.call.addUsage(1, 2);
    exit(session, "kill");
    await whereis(session)?.down;
    expect(await session.call.usage()).toEqual({ tokens: { input: 101, output: 12 }, cached: 80, cost: 0.25 });
  });

  it("refuses a conversation that is not there with a sentence that says so", async () => {
    await expect(start(temporaryHome(), { resume: "nope" })).rejects.toMatchObject({
      reason: {
        shutdown: { reason: { error: { message: expect.stringContaining("There is no conversation nope") } } },
      },
    });
  });

  /** What another process writes into the database meanwhile. */
  function elsewhere(home: string, sql: string, ...params: unknown[]): void {
    const db = hold(new Database(join(home, "banyan.db")));
    hold(db.prepare(sql)).run(...params);
    db.close();
  }

  it("refuses one that another process has open, names that process, and takes the newest that is free", async () => {
    const home = temporaryHome();
    const holder = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    onTestFinished(() => void holder.kill());
    await once(holder, "spawn");
    for (const run of ["older", "newer", "nothing said"]) {
      const app = await start(home, { run });
      if (run !== "nothing said") await session.call.put(user(run));
      await app.stop();
    }
    elsewhere(
      home,
      "UPDATE sessions SET pid = ?, pid_started = '', updated_at = updated_at + 1 WHERE run = 'newer'",
      holder.pid,
    );
    const second = await start(home, { run: "run-2", resume: true });
    const { id, messages } = await session.call.view();
    expect(messages).toMatchObject([{ text: "older" }]);
    await second.stop();

    elsewhere(home, "UPDATE sessions SET pid = ?, pid_started = '' WHERE id = ?", holder.pid, id);
    for (const resume of [true, id] as const) {
      await expect(start(home, { run: "run-3", resume })).rejects.toMatchObject({
        reason: {
          shutdown: { reason: { error: { message: expect.stringContaining(`(process ${holder.pid}); end`) } } },
        },
      });
    }
    holder.kill();
    await once(holder, "close");
    await start(home, { run: "run-4", resume: id });
    expect((await session.call.view()).messages).toMatchObject([{ text: "older" }]);
  });

  it("writes nothing into a conversation that another run has taken over, says so, and does not crash", async () => {
    const home = temporaryHome();
    await start(home);
    await session.call.put(user("one"));
    elsewhere(home, "UPDATE sessions SET run = 'another'");
    const pid = whereis(session)?.id;
    await expect(session.call.put(user("two"))).rejects.toMatchObject({
      code: "session_taken",
      message: expect.stringContaining("taken over by another Banyan"),
    });
    expect(whereis(session)?.id).toBe(pid);
    expect(await store.call.all({ sql: "SELECT id FROM messages" })).toHaveLength(1);
  });

  it("says that a message could not be kept and goes on", async () => {
    await start(temporaryHome());
    await session.call.put(user("one"));
    const pid = whereis(session)?.id;
    const [row] = await store.call.all({ sql: "PRAGMA page_count" });
    await store.call.all({ sql: `PRAGMA max_page_count = ${row?.page_count}` });
    await expect(session.call.put(user("x".repeat(100_000)))).rejects.toMatchObject({ code: "SQLITE_FULL" });
    expect(await session.call.getStatus()).toMatchObject({
      level: "error",
      details: expect.stringContaining("the conversation is not kept"),
    });
    await store.call.all({ sql: "PRAGMA max_page_count = 100000" });
    await session.call.put(user("two"));
    expect((await session.call.view()).messages).toMatchObject([{ text: "one" }, { text: "two" }]);
    expect(await session.call.getStatus()).toMatchObject({ level: "ok" });
    expect(whereis(session)?.id).toBe(pid);
  });

  it("keeps the whole conversation again, in order, when the database had to be begun anew", async () => {
    await start(temporaryHome());
    for (const text of ["one", "two"]) await session.call.put(user(text));
    await store.call.write({ sql: "DELETE FROM messages" }, { sql: "DELETE FROM sessions" });
    await session.call.put(user("three"));
    const pid = whereis(session);
    exit(session, "kill");
    await pid?.down;
    expect((await session.call.view()).messages).toMatchObject([{ text: "one" }, { text: "two" }, { text: "three" }]);
  });

  it("is back at once when it crashes together with its store", async () => {
    await start(temporaryHome());
    await session.call.put(user("one"));
    const pids = [whereis(session), whereis(store)];
    for (const pid of pids) if (pid !== undefined) exit(pid, "kill");
    await Promise.all(pids.map((pid) => pid?.down));
    const { messages } = await session.with({ timeout: 2_000 }).call.view();
    expect(messages).toMatchObject([{ text: "one" }]);
  });

  it("is written again into a database in memory that its store lost", async () => {
    const folder = join(temporaryHome(), "no folder");
    writeFileSync(folder, "");
    await start(folder);
    await session.call.put(user("one"));
    for (const victim of [store, session]) {
      const pid = whereis(named(victim.name));
      exit(victim, "kill");
      await pid?.down;
      const kept = () => store.call.all({ sql: "SELECT id FROM messages" });
      await expect.poll(kept).toHaveLength(1);
    }
    expect((await session.call.view()).messages).toMatchObject([{ text: "one" }]);
  });
});
