import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { forkSession } from "../../../src/actors/session/fork.js";
import { type StoredMessage, stamp } from "../../../src/actors/session/message.js";
import type { Session, SessionOptions } from "../../../src/actors/session/session.js";
import { findSession } from "../../../src/actors/session/stored-sessions.js";
import { Store } from "../../../src/actors/store/store.js";
import { Application, child, exit, getStatus, named, type Pid, whichChildren } from "../../../src/supervision/index.js";
import { temporaryHome } from "../../support/home.js";
import { messageStores, sessionChildren } from "../../support/session.js";

const store = named<Store>("Store");
const session = named<Session>("Session");

async function start(home: string, options: Partial<SessionOptions> = {}): Promise<Application> {
  const app = await Application.start({
    strategy: "one_for_one",
    children: [
      child(Store, { file: join(home, "banyan.db") }, { name: store }),
      ...sessionChildren({ store, run: "run-1", ...options }, session),
    ],
  });
  onTestFinished(() => app.stop());
  return app;
}

const user = (text: string): StoredMessage => ({ ...stamp(), role: "user", text, status: "complete" });

async function running(): Promise<Pid[]> {
  const children = await whichChildren(messageStores);
  return children.flatMap(({ pid }) => (pid === undefined || pid === "restarting" ? [] : [pid]));
}

async function killAll(): Promise<void> {
  const pids = await running();
  expect(pids.length).toBe(1);
  for (const pid of pids) exit(pid, "kill");
  await Promise.all(pids.map((pid) => pid.down));
}

/** Rows that somebody else wrote: a conversation of many runs. */
async function written(count: number, text = "message"): Promise<void> {
  const { id } = await session.call.view();
  await store.call.write({
    sql: `WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
          INSERT INTO messages (session, position, id, body, created_at)
          SELECT ?, n, ? || n, json_object('id', ? || n, 'at', n, 'role', 'user', 'text', ? || ' ' || n, 'status', 'complete'), n
          FROM numbers`,
    params: [count - 1, id, id, id, text],
  });
}

const textsOf = (messages: readonly StoredMessage[]) => messages.map(({ text }) => text);

describe("MessageStore", () => {
  it("knows the newest summary however many messages came after it, also when it is killed, and in a copy of the session", async () => {
    await start(temporaryHome(), { window: { messages: 100, size: 1_000_000 } });
    await session.call.put(user("asked"));
    const summary: StoredMessage = {
      ...{ ...stamp(), role: "summary", model: "p:m", text: "in short", status: "complete" },
      ...{ keptFrom: 0, messages: 1, tokensBefore: 9, tokensAfter: 3, calls: [] },
    };
    await session.call.put({ ...summary, text: "not yet" });
    await session.call.put(summary);
    for (let count = 0; count < 101; count++) await session.call.put(user(`${count}`));
    expect((await session.call.view()).messages.map(({ role }) => role)).not.toContain("summary");
    expect((await session.call.view()).summary).toEqual(summary);
    await killAll();
    expect((await session.call.view()).summary).toEqual(summary);
    await session.call.put({ ...summary, id: "later", superseded: true });
    expect((await session.call.view()).summary).toEqual(summary);
    const fork = await forkSession(store, await findSession(store, (await session.call.view()).id), {
      ...{ id: randomUUID(), messages: undefined, name: undefined },
    });
    await session.call.resume(fork.id);
    expect((await session.call.view()).summary).toMatchObject({ text: "in short", keptFrom: 0 });
  });

  it("comes back with its messages when it is killed, also under a write, which then is one message and not two", async () => {
    await start(temporaryHome());
    await session.call.put(user("one"));
    await killAll();
    expect(textsOf((await session.call.view()).messages)).toEqual(["one"]);
    const two = session.call.put(user("two"));
    for (const pid of await running()) exit(pid, "kill");
    await two;
    await session.call.put(user("three"));
    expect(textsOf((await session.call.view()).messages)).toEqual(["one", "two", "three"]);
    await expect.poll(async () => (await running()).length).toBe(1);
  });

  it("ends with its session, and another conversation has another", async () => {
    const app = await start(temporaryHome());
    await session.call.put(user("one"));
    const [first] = await running();
    await session.call.clear();
    await session.call.put(user("two"));
    await first?.down;
    const [second] = await running();
    expect([first?.id === second?.id, textsOf((await session.call.view()).messages)]).toEqual([false, ["two"]]);
    await app.stop();
    await second?.down;
  });

  it("holds as many messages as it is told, and pages back through all the others in order", async () => {
    const home = temporaryHome();
    const first = await start(home);
    await written(5_000);
    await first.stop();
    await start(home, { run: "run-2", resume: true, window: { messages: 300, size: 1_000_000 } });
    const view = await session.call.view();
    expect([view.from, view.messages.length, view.messages.at(-1)?.text]).toEqual([4_700, 300, "message 4999"]);
    const back: string[] = [];
    for (let before = 5_000; before > 0; ) {
      const { messages, from } = await session.call.page(before, 400);
      expect(before - from).toBe(messages.length);
      back.unshift(...textsOf(messages));
      before = from;
    }
    expect(back).toEqual(Array.from({ length: 5_000 }, (_, n) => `message ${n}`));
    for (let n = 0; n < 10; n++) await session.call.put(user(`new ${n}`));
    const later = await session.call.view();
    expect([later.from, later.messages.length, later.messages.at(-1)?.text]).toEqual([4_710, 300, "new 9"]);
    await killAll();
    expect(await session.call.view()).toEqual(later);
  });

  it("holds no more than the size it is told, but always the newest message", async () => {
    await start(temporaryHome(), { window: { messages: 1_000, size: 10_000 } });
    for (let n = 0; n < 30; n++) await session.call.put(user(`${n} ${"x".repeat(1_000)}`));
    const { messages, from } = await session.call.view();
    expect([messages.length < 10, from + messages.length]).toEqual([true, 30]);
    await session.call.put(user("y".repeat(20_000)));
    expect(textsOf((await session.call.view()).messages)).toEqual(["y".repeat(20_000)]);
    const [pid] = await running();
    if (pid === undefined) throw new Error("it runs");
    const { state } = (await getStatus(pid)) as { state: unknown };
    expect(state).toMatchObject({ inMemory: 1, from: 30 });
    expect(JSON.stringify(state)).not.toContain("yyy");
  });

  it("has a conversation of which one message cannot be read, and says so in its place", async () => {
    const home = temporaryHome();
    const first = await start(home);
    await written(3);
    await store.call.write({ sql: "UPDATE messages SET body = 'no json' WHERE position = 1" });
    await first.stop();
    await start(home, { run: "run-2", resume: true });
    expect(textsOf((await session.call.view()).messages)).toEqual([
      "message 0",
      expect.stringContaining("could not be read back"),
      "message 2",
    ]);
  });
});
