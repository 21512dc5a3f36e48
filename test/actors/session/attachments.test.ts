// What goes with messages, in a real database: kept once, and as long as a message carries it.
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { keepContent, readContent, sweepContents } from "../../../src/actors/session/attachments.js";
import { type StoredMessage, stamp } from "../../../src/actors/session/message.js";
import type { Session } from "../../../src/actors/session/session.js";
import { Store } from "../../../src/actors/store/store.js";
import { Application, child, named } from "../../../src/supervision/index.js";
import { temporaryHome } from "../../support/home.js";
import { sessionChildren } from "../../support/session.js";

const store = named<Store>("Store");
const session = named<Session>("Session");

async function start(): Promise<void> {
  const app = await Application.start({
    strategy: "one_for_one",
    children: [
      child(Store, { file: join(temporaryHome(), "banyan.db") }, { name: store }),
      ...sessionChildren({ store, run: "r" }, session),
    ],
  });
  onTestFinished(() => app.stop());
}

const parts = async () => (await store.call.all({ sql: "SELECT COUNT(*) AS n FROM attachments" }))[0]?.n;
const carrying = (hash: string, bytes: number): StoredMessage => ({
  ...stamp(),
  role: "user",
  text: "see @a",
  status: "complete",
  attachments: [
    { name: "a", mimeType: "text/plain", bytes, hash },
    { name: "the same", mimeType: "text/plain", bytes, hash },
    { name: "b", problem: "there is no such file" },
  ],
});
const remove = ({ id }: StoredMessage) => store.call.write({ sql: "DELETE FROM messages WHERE id = ?", params: [id] });

it("a content of any size comes back as it was, and is there once however many messages carry it", async () => {
  await start();
  const large = Buffer.alloc(600_000, "abc");
  for (const data of [large, large, Buffer.alloc(256 * 1024, "x"), Buffer.alloc(0)]) {
    const hash = await keepContent(store, data);
    expect(Buffer.compare((await readContent(store, hash, data.length)) ?? Buffer.from("gone"), data)).toBe(0);
  }
  expect(await parts()).toBe(3 + 1 + 1);
  expect(await readContent(store, "nothing", 3)).toBeUndefined();
});

it("a content goes with the last message that carries it, and what no message came to carry is swept away in time", async () => {
  await start();
  const hash = await keepContent(store, Buffer.from("hello"));
  const [first, second] = [carrying(hash, 5), carrying(hash, 5)];
  for (const message of [first, second, first]) await session.call.put(message);
  await remove(first);
  await sweepContents(store);
  expect(Buffer.from((await readContent(store, hash, 5)) ?? []).toString()).toBe("hello");
  await remove(second);
  expect(await parts()).toBe(0);

  await keepContent(store, Buffer.from("lost"));
  await sweepContents(store);
  expect(await parts()).toBe(1);
  await store.call.write({ sql: "UPDATE attachments SET created_at = 0" });
  await sweepContents(store);
  expect(await parts()).toBe(0);
});
