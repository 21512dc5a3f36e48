// Writes through the Session and the Store as fast as they answer, and says on stdout what was acknowledged, one JSON line each,
// until it is killed. It backs the database up all the while. Started by chaos-store.mjs, which says what to do by its arguments.
import { randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import { keepState } from "../dist/actors/kept-state.js";
import { Session } from "../dist/actors/session/session.js";
import { Store } from "../dist/actors/store/store.js";
import { inThread } from "../dist/actors/store/upkeep-thread.js";
import { Application, child, DynamicSupervisor, named } from "../dist/supervision/index.js";
import { randomFrom } from "./chaos-random.mjs";

const [file, project, seed, resume] = process.argv.slice(2);
const random = randomFrom(Number(seed));
const store = named("Store");
const messages = named("MessageStores");
const session = named("Session");
const run = randomUUID();

/** A pipe to one who reads takes a line whole; the kill comes between two. */
function acknowledged(kind, key, version) {
  writeSync(1, `${JSON.stringify([kind, key, version])}\n`);
}

await Application.start({
  strategy: "one_for_one",
  children: [
    child(Store, { file }, { name: store }),
    child(DynamicSupervisor, undefined, { name: messages }),
    child(
      Session,
      {
        ...{ store, messages, run, project, model: "none", kind: "chat" },
        resume: resume === "resume" ? true : undefined,
        window: { messages: 2_000, size: 8_000_000 },
      },
      { name: session },
    ),
  ],
});

const said = [];
let counter = 0;

async function say(id, version) {
  const text = `${version} ${"word ".repeat(random() * 200)}`;
  await session.call.put({
    id,
    at: Date.now(),
    role: "assistant",
    model: "none",
    text,
    toolCalls: [],
    status: "streaming",
  });
  acknowledged("message", id, version);
}

const moves = {
  async newMessage() {
    const id = randomUUID();
    said.push({ id, version: 1 });
    await say(id, 1);
  },
  async longerMessage() {
    const message = said.at(-1);
    if (message !== undefined) await say(message.id, ++message.version);
  },
  async setting() {
    const version = ++counter;
    await keepState(store, "chaos", run, { version });
    acknowledged("setting", run, version);
  },
  async approval() {
    const tool = randomUUID();
    await store.call.write({
      sql: "INSERT INTO approvals (project, tool, created_at) VALUES (?, ?, ?)",
      params: [project, tool, Date.now()],
    });
    acknowledged("approval", tool, 1);
  },
  async alias() {
    const version = ++counter;
    await store.call.write({
      sql: `INSERT INTO aliases (project, name, expansion, updated_at) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET expansion = excluded.expansion`,
      params: [project, run, String(version), Date.now()],
    });
    acknowledged("alias", run, version);
  },
  /** Rows that nobody waits for count from the first query that was answered after them. */
  async rows() {
    const rows = 1 + Math.floor(random() * 700);
    for (let i = 0; i < rows; i++) {
      store.cast.append({
        sql: "INSERT INTO notifications (at, project, run, source, category, body) VALUES (?, ?, ?, 's', 'log', ?)",
        params: [Date.now(), project, run, String(++counter)],
      });
    }
    await store.call.all({ sql: "SELECT 1" });
    acknowledged("row", run, counter);
    acknowledged("rows", run, rows);
  },
};

async function backUpForEver() {
  const never = new AbortController().signal;
  for (;;) await inThread({ job: "care", file, kept: 3, interval: 0 }, never);
}

void backUpForEver();
const all = Object.values(moves);
for (;;) await all[Math.floor(random() * all.length)]();
