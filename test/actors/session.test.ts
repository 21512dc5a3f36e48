import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Session, type SessionOptions, type StoredMessage, stamp } from "../../src/actors/session.js";
import { Store } from "../../src/actors/store/store.js";
import { Application, child, exit, named, whereis } from "../../src/supervision/index.js";
import { crashAtNextMessage } from "../support/faults.js";
import { temporaryHome } from "../support/home.js";

const store = named<Store>("Store");
const session = named<Session>("Session");

async function start(home: string, options: Partial<SessionOptions> = {}): Promise<Application> {
  const arg = { store, run: "run-1", project: "/p", model: "offline", resume: undefined, ...options };
  const app = await Application.start({
    strategy: "one_for_one",
    maxRestarts: 100,
    children: [
      child(Store, { file: join(home, "banyan.db") }, { name: store }),
      child(Session, arg, { name: session }),
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
    await session.call.put({ ...stamp(), role: "user", text: "later", status: "queued" });
    const { id } = await session.call.view();
    await first.stop();

    await start(home, { run: "run-2", resume: "newest" });
    expect(await session.call.markInterrupted()).toHaveLength(2);
    expect(await session.call.view()).toMatchObject({
      id,
      resumed: true,
      messages: [{ status: "complete" }, { status: "interrupted", text: "half an ans" }, { status: "unsent" }],
    });
  });

  it("refuses a conversation that is not there with a sentence that says so", async () => {
    await expect(start(temporaryHome(), { resume: "nope" })).rejects.toMatchObject({
      reason: {
        shutdown: { reason: { error: { message: expect.stringContaining("There is no conversation nope") } } },
      },
    });
  });
});
