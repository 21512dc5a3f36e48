// The load under which chaos-actors.mjs kills: writers that note what was acknowledged, readers of the settings that look for half a
// change, and a client of the control socket. A call that was rejected, because its process was killed, may or may not have been
// done; one that was answered has been. What is overwritten carries a version, and no older one may be found than was acknowledged.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { recordAction } from "../dist/actors/audit/audit.js";
import { verify } from "../dist/actors/audit/chain.js";
import { replaceFile } from "../dist/actors/config/replace-file.js";
import { askRunningApp } from "../dist/actors/control/client.js";
import { fetchThrough } from "../dist/actors/pools/request.js";
import { names } from "../dist/application.js";
import { BanyanError, named } from "../dist/supervision/index.js";
import { settingsText } from "./chaos-actors-watchers.mjs";

/** Messages and aliases that are written again and again. */
const KEYS = 40;
/** Between two writes of one writer. */
const PAUSE_MS = 2;

export class Load {
  acknowledged = 0;
  rejected = 0;
  torn = 0;
  /** Settings older than those that were acknowledged. */
  stale = 0;
  /** What no kill explains. */
  problems = [];
  number = 1_000_000;
  #running = false;
  #version = 0;
  #round = 0;
  #versions = new Map();
  #said = new Set();
  #lines = new Set();
  #actions = new Set();
  #reloaded = 0;
  #loops = [];

  constructor({ file, base, control, database }) {
    Object.assign(this, { file, base, control, database });
  }

  start() {
    this.#running = true;
    const writers = [
      () => this.#message(),
      () => this.#say(),
      () => this.#alias(),
      () => this.#line(),
      () => this.#action(),
      () => this.#row(),
      () => this.#settings(),
    ];
    const loops = writers.map((write) => this.#loop(write, PAUSE_MS, true));
    const others = [() => this.#read(), () => this.#ask(), () => this.#fetch(), () => names.health.call.health()];
    this.#loops = [...loops, ...others.map((ask) => this.#loop(ask, PAUSE_MS, false))];
  }

  async stop() {
    this.#running = false;
    await Promise.all(this.#loops);
  }

  async #loop(work, ms, counts) {
    while (this.#running) {
      try {
        await work();
        if (counts) this.acknowledged++;
      } catch (error) {
        // What a process throws that was not killed is no work of ours.
        if (!(error instanceof BanyanError)) this.problems.push(String(error?.stack ?? error));
        this.rejected++;
      }
      await pause(ms);
    }
  }

  // --- writers -----------------------------------------------------------------------------------------------------------

  /** Writes a version of one of few keys, and notes it once it is acknowledged. */
  async #versioned(kind, write) {
    const version = ++this.#version;
    const key = `${kind}${version % KEYS}-${this.#round}`; // the id of a message is its own for ever
    await write(key, version);
    this.#versions.set(key, version);
  }

  #message() {
    return this.#versioned("m", (id, version) =>
      names.session.call.put({ id, at: version, role: "user", text: `${version}`, status: "complete" }),
    );
  }

  #alias() {
    return this.#versioned("a", (name, version) =>
      names.aliases.call.define({ name, expansion: `${version}`, scope: "project" }),
    );
  }

  #row() {
    return this.#versioned("r", (key, version) =>
      names.store.call.write({
        sql: "INSERT OR REPLACE INTO process_state (run, process, state, updated_at) VALUES ('chaos', ?, ?, 0)",
        params: [key, `${version}`],
      }),
    );
  }

  async #line() {
    const line = `line ${++this.#version}`;
    await names.lineEditor.call.remember(line);
    this.#lines.add(line);
  }

  async #action() {
    const id = randomUUID();
    await recordAction(names.audit, { id, action: "config.set", subject: "chaos", detail: {} });
    this.#actions.add(id);
  }

  /** A turn of the chat: what was said is kept, whatever becomes of the answer. */
  async #say() {
    await pause(50);
    const text = `hello ${++this.#version}`;
    await names.chat.call.say(text);
    this.#said.add(text);
  }

  async #settings() {
    await pause(20);
    const number = ++this.number;
    replaceFile(this.file, settingsText(this.base, number));
    await names.config.call.reload();
    this.#reloaded = number;
  }

  // --- readers -----------------------------------------------------------------------------------------------------------

  async #read() {
    const known = this.#reloaded;
    const { chat, limits } = await names.config.call.get();
    if (chat.max_tokens !== limits.tool_result) this.torn++;
    if (chat.max_tokens < known) this.stale++;
  }

  async #ask() {
    const methods = [{ method: "status" }, { method: "tree" }, { method: "metrics", format: "json" }];
    await askRunningApp(this.control, methods[++this.#version % methods.length]);
  }

  async #fetch() {
    await (await fetchThrough(named("Pool:local"))("http://local/")).text();
  }

  // --- what is there -----------------------------------------------------------------------------------------------------

  /** What was acknowledged and is not there; then all begins anew. */
  async lost() {
    const found = new Map();
    const { messages } = await names.session.call.view();
    for (const { id, text } of messages) found.set(id, Number(text));
    for (const { name, expansion } of await names.aliases.call.list()) found.set(name, Number(expansion));
    const rows = await this.#rows("SELECT process, state FROM process_state WHERE run = 'chaos'");
    for (const { process: key, state } of rows) found.set(key, Number(state));
    const texts = new Set(messages.map(({ text }) => text));
    const lines = new Set(await names.lineEditor.call.history());
    const actions = new Set((await this.#rows("SELECT id FROM audit")).map(({ id }) => id));
    const kept = (await this.#rows("SELECT id, body FROM messages")).map(({ id, body }) => [id, JSON.parse(body).text]);
    const onDisk = new Map(kept);
    const onDiskToo = ([key, version]) => !key.startsWith("m") || Number(onDisk.get(key)) >= version;
    const lost = [
      ...[...this.#versions].filter((each) => !(found.get(each[0]) >= each[1] && onDiskToo(each))),
      ...[...this.#said].filter((text) => !texts.has(text)),
      ...[...this.#lines].filter((line) => !lines.has(line)),
      ...[...this.#actions].filter((id) => !actions.has(id)),
    ];
    const { broken } = verify(this.database);
    if (broken !== undefined) this.problems.push(`the audit is broken: ${broken.why}`);
    await this.#forget();
    return lost.map(String);
  }

  /** What a round left in the tables of the next would only make it slower. */
  async #forget() {
    this.#round++;
    for (const each of [this.#versions, this.#said, this.#lines, this.#actions]) each.clear();
    await names.store.call.write(
      { sql: "DELETE FROM input_history" },
      { sql: "DELETE FROM notifications" },
      { sql: "DELETE FROM aliases" },
    );
    await names.chat.call.submit("/clear");
  }

  #rows(sql) {
    return names.store.with({ timeout: 60_000 }).call.all({ sql });
  }
}
