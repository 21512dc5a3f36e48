// A long conversation as it is on disk, for the benchmarks that open one.
import { randomUUID } from "node:crypto";
import Database from "better-sqlite3";
import { hold } from "../dist/actors/store/held.js";
import { Store } from "../dist/actors/store/store.js";
import { Application, child, named } from "../dist/supervision/index.js";

const WORDS = "the disk was full so we moved the logs away and began again with less of them every day it seemed".split(
  " ",
);
const store = named("Store");

function textOf(n) {
  const words = Array.from({ length: 80 }, (_, at) => WORDS[(n * 7 + at * 13) % WORDS.length]);
  return `${words.join(" ")} number${n}`;
}

/** A database with one conversation of so many messages, 500 bytes each, the user's and the model's in turn. Resolves with its id. */
export async function writeLongSession(file, { messages, project }) {
  const tree = await Application.start({
    strategy: "one_for_one",
    children: [child(Store, { file }, { name: store })],
  });
  await tree.stop();
  const db = hold(new Database(file));
  const [id, at] = [randomUUID(), Date.now()];
  hold(
    db.prepare("INSERT INTO sessions (id, project, run, model, created_at, updated_at) VALUES (?, ?, '', 'm', ?, ?)"),
  ).run(id, project, at, at);
  const insert = hold(
    db.prepare("INSERT INTO messages (session, position, id, body, created_at) VALUES (?, ?, ?, ?, ?)"),
  );
  db.transaction(() => {
    for (let n = 0; n < messages; n++) {
      const base = { id: randomUUID(), at: at + n, text: textOf(n) };
      const body =
        n % 2 === 0
          ? { ...base, role: "user", status: "complete" }
          : { ...base, role: "assistant", model: "m", toolCalls: [], status: "complete" };
      insert.run(id, n, base.id, JSON.stringify(body), base.at);
    }
  })();
  db.close();
  return id;
}
