import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { Audit } from "../../../src/actors/audit/audit.js";
import { type ExportFormat, exported, writeExport } from "../../../src/actors/session/export.js";
import { forkSession } from "../../../src/actors/session/fork.js";
import { type StoredMessage, stamp } from "../../../src/actors/session/message.js";
import { removeSession } from "../../../src/actors/session/remove.js";
import { searchMessages } from "../../../src/actors/session/search.js";
import { statsOf } from "../../../src/actors/session/stats.js";
import { chatsOf, findSession, listSessions, nameSession } from "../../../src/actors/session/stored-sessions.js";
import { sweepSome } from "../../../src/actors/session/sweep.js";
import { Store } from "../../../src/actors/store/store.js";
import { keepSecret } from "../../../src/actors/telemetry/redact.js";
import { type Pid, stopProcess } from "../../../src/supervision/index.js";
import { temporaryHome } from "../../support/home.js";

let store: Pid<Store>;

beforeEach(async () => {
  store = await Store.start({ file: join(temporaryHome(), "banyan.db") });
  onTestFinished(() => stopProcess(store));
});

const user = (text: string): StoredMessage => ({ ...stamp(), role: "user", text, status: "complete" });
const assistant = (text: string, status: "complete" | "streaming" = "complete"): StoredMessage => {
  return { ...stamp(), role: "assistant", model: "m", text, toolCalls: [], status };
};
const tool = (name: string, args: Record<string, unknown>, text: string): StoredMessage => {
  return { ...stamp(), role: "tool", callId: "c", tool: name, arguments: args, text, status: "done", durationMs: 10 };
};

let used = 0;

async function add(
  messages: readonly StoredMessage[],
  more: { project?: string; kind?: string } = {},
): Promise<string> {
  const id = randomUUID();
  const { project = "/p", kind = "chat" } = more;
  await store.call.write(
    {
      sql: "INSERT INTO sessions (id, project, run, model, kind, created_at, updated_at) VALUES (?, ?, ?, 'm', ?, 1, ?)",
      params: [id, project, `run of ${id}`, kind, ++used],
    },
    ...messages.map((message, position) => ({
      sql: "INSERT INTO messages (session, position, id, body, created_at) VALUES (?, ?, ?, ?, ?)",
      params: [id, position, message.id, JSON.stringify(message), message.at],
    })),
  );
  return id;
}

async function count(sql: string): Promise<number> {
  const [row] = await store.call.all({ sql: `SELECT COUNT(*) AS n FROM ${sql}` });
  return Number(row?.n);
}

describe("stored sessions", () => {
  it("are listed by folder, the last used first, those without a word left out, and chats apart from runs of one answer", async () => {
    const first = await add([user("  first\n words "), assistant("x")]);
    const print = await add([user("print")], { kind: "print" });
    const other = await add([user("other")], { project: "/q" });
    await add([]);
    expect((await listSessions(store, "/p", 10)).map(({ id }) => id)).toEqual([print, first]);
    expect((await listSessions(store, undefined, 2)).map(({ id }) => id)).toEqual([other, print]);
    expect(await chatsOf(store, "/p")).toMatchObject([{ id: first, title: "first words", messages: 2, kind: "chat" }]);
  });

  it("are found by id, by name and by the beginning of the id, and otherwise refused with a word", async () => {
    const [one, two] = [await add([user("one")]), await add([user("two")])];
    expect(await nameSession(store, one, "  release 1 ")).toBe("release 1");
    for (const reference of [one, "release 1", one.slice(0, 13)]) {
      expect(await findSession(store, reference)).toMatchObject({ id: one, name: "release 1" });
    }
    for (const reference of ["nope", "", "%", "____", `${one.slice(0, 8)}%`, "'; DROP TABLE sessions; --"]) {
      await expect(findSession(store, reference)).rejects.toMatchObject({ code: "no_session" });
    }
    for (const id of ["aaaa-1", "aaaa-2"]) {
      const sql =
        "INSERT INTO sessions (id, project, run, model, created_at, updated_at) VALUES (?, '/p', '', 'm', 1, 1)";
      await store.call.write({ sql, params: [id] });
    }
    expect(await findSession(store, "aaaa-1")).toMatchObject({ id: "aaaa-1" });
    await expect(findSession(store, "aaaa")).rejects.toThrow("Several conversations have ids that begin with aaaa");
    await expect(nameSession(store, two, "release 1")).rejects.toMatchObject({ code: "name_taken" });
    for (const name of ["", " ", "a\nb", "x".repeat(81), "\u001b[31m"]) {
      await expect(nameSession(store, two, name)).rejects.toMatchObject({ code: "usage" });
    }
    await expect(nameSession(store, "gone", "free")).rejects.toMatchObject({ code: "no_session" });
  });

  it("are forked at a message: the same beginning under ids of its own, and the old one as it was", async () => {
    const said = [
      user("one"),
      assistant("two"),
      user("three"),
      ...Array.from({ length: 400 }, (_, n) => user(`m ${n}`)),
    ];
    const id = await add(said);
    const from = await findSession(store, id);
    const fork = await forkSession(store, from, { id: randomUUID(), messages: 3, name: "fork" });
    expect(fork).toMatchObject({ forkedFrom: id, messages: 3, name: "fork", project: "/p", kind: "chat", cost: 0 });
    const whole = await forkSession(store, from, { id: randomUUID(), messages: undefined, name: undefined });
    const bodies = async (session: string) =>
      (
        await store.call.all({
          sql: "SELECT id, body FROM messages WHERE session = ? ORDER BY position",
          params: [session],
        })
      ).map((row) => ({ ...(JSON.parse(String(row.body)) as StoredMessage), row: row.id }));
    const [old, copied] = [await bodies(id), await bodies(whole.id)];
    expect(old.map(({ row: _, ...message }) => message)).toEqual(said);
    expect(copied.map(({ text, at }) => [text, at])).toEqual(said.map(({ text, at }) => [text, at]));
    expect(copied.every(({ id: own, row }) => own === row)).toBe(true);
    expect(new Set([...old, ...copied].map(({ id: own }) => own)).size).toBe(2 * said.length);
    const before = await count("sessions");
    await expect(forkSession(store, from, { id: randomUUID(), messages: 1, name: "fork" })).rejects.toMatchObject({
      code: "name_taken",
    });
    expect(await count("sessions")).toBe(before);
  });

  it("are there for nobody while they are being made or removed, and what a killed process left is swept away", async () => {
    const id = await add([user("kept")]);
    const half = await add([user("half made")]);
    const removed = await add(Array.from({ length: 450 }, (_, n) => user(`half removed ${n}`)));
    const making = await add([user("being made by this process")]);
    const mark = (state: string, session: string, pid: number | null) => ({
      sql: "UPDATE sessions SET state = ?, pid = ? WHERE id = ?",
      params: [state, pid, session],
    });
    await store.call.write(
      mark("making", half, 999_999_999),
      mark("removing", removed, null),
      mark("making", making, process.pid),
    );
    expect((await listSessions(store, undefined, 10)).map((each) => each.id)).toEqual([id]);
    expect(await searchMessages(store, { query: "half", project: undefined, limit: 10 })).toEqual([]);
    while (await sweepSome(store));
    expect(
      (await store.call.all({ sql: "SELECT DISTINCT session FROM messages" })).map(({ session }) => session).sort(),
    ).toEqual([id, making].sort());
    expect(await count("sessions")).toBe(2);
    expect(await count("message_texts WHERE message_texts MATCH 'half'")).toBe(0);
  });

  it("are removed with all their words, on record, and not while a process has them open", async () => {
    const audit = await Audit.start({ store, project: "/p", run: "r" });
    onTestFinished(() => stopProcess(audit));
    const id = await add([user("unwanted"), assistant("words")]);
    await store.call.write({ sql: "UPDATE sessions SET pid = ? WHERE id = ?", params: [process.ppid, id] });
    const open = await findSession(store, id);
    await expect(removeSession(store, audit, open)).rejects.toMatchObject({ code: "session_taken" });
    expect(await count("audit")).toBe(0);
    await store.call.write({ sql: "UPDATE sessions SET pid = NULL WHERE id = ?", params: [id] });
    const stale = await findSession(store, id);
    await store.call.write({ sql: "UPDATE sessions SET run = 'taken up meanwhile' WHERE id = ?", params: [id] });
    await expect(removeSession(store, audit, stale)).rejects.toMatchObject({ code: "session_taken" });
    expect(await count("messages")).toBe(2);
    await removeSession(store, audit, await findSession(store, id));
    expect([await count("messages"), await count("sessions"), await count("message_texts")]).toEqual([0, 0, 0]);
    const rows = await store.call.all({ sql: "SELECT action, subject FROM audit" });
    expect(rows.at(-1)).toEqual({ action: "session.remove", subject: id });
  });

  it("are counted: messages, tools, how they fared", async () => {
    const id = await add([
      user("q"),
      assistant(""),
      tool("s.a", {}, "x"),
      tool("s.a", {}, "y"),
      tool("s.b", {}, "z"),
      assistant("a"),
    ]);
    await store.call.write({
      sql: "UPDATE messages SET body = json_set(body, '$.status', 'failed') WHERE position = 3",
    });
    expect(await statsOf(store, { id, messages: 6 })).toEqual({
      user: 1,
      assistant: 2,
      summary: 0,
      tools: [
        { tool: "s.a", calls: 2, done: 1, durationMs: 20 },
        { tool: "s.b", calls: 1, done: 1, durationMs: 10 },
      ],
    });
  });
});

describe("search", () => {
  const search = async (query: string, project?: string) =>
    (await searchMessages(store, { query, project, limit: 20 })).map(({ snippet }) => snippet);

  it("finds all words, from their beginnings, whatever their case and accents, and phrases as they stand; the newest first", async () => {
    await add([
      user("The Café was resumed"),
      assistant("no space left on device"),
      user("left a space"),
      user("日本語の文"),
    ]);
    expect(await search("CAFE resum")).toEqual(["The Café was resumed"]);
    expect(await search("space left")).toEqual(["left a space", "no space left on device"]);
    expect(await search('"space left"')).toEqual(["no space left on device"]);
    expect(await search("日本")).toEqual(["日本語の文"]);
    expect(await search("sumed")).toEqual([]);
    expect(await search("no-space")).toEqual(["no space left on device"]);
  });

  it("takes nothing a user types for syntax", async () => {
    await add([user("NEAR the AND of OR, NOT col:x")]);
    const odd = [
      '"',
      '""',
      "*",
      "AND",
      "NOT",
      "( ) ^ + -",
      'a" OR "b',
      "col:x",
      "{text}: x",
      "NEAR(a b)",
      "'; DROP TABLE messages; --",
      "\0",
      "\ud800",
      "x".repeat(10_000),
      '"a '.repeat(500),
    ];
    for (const query of odd) await search(query);
    expect(await search("NOT")).toHaveLength(1);
    expect(await search("NEAR AND")).toHaveLength(1);
    expect(await search("* -")).toEqual([]);
    expect(await count("messages")).toBe(1);
  });

  it("shows a little of what stands around a word that was found", async () => {
    await add([user(`${"before ".repeat(50)}needle${" after".repeat(50)}`)]);
    const [snippet] = await search("needle");
    expect(snippet).toMatch(/^….*before needle after .*…$/);
    expect(snippet?.length).toBeLessThan(150);
  });

  it("finds a message that has changed by its new words alone, and one that still grows not yet", async () => {
    const grows = assistant("half", "streaming");
    await add([user("old words"), grows]);
    await store.call.write({
      sql: "UPDATE messages SET body = json_set(body, '$.text', 'new ones') WHERE position = 0",
    });
    expect([await search("old"), await search("new"), await search("half")]).toEqual([[], ["new ones"], []]);
    await store.call.write({
      sql: "UPDATE messages SET body = json_set(body, '$.text', 'half and whole', '$.status', 'complete') WHERE position = 1",
    });
    expect(await search("half")).toEqual(["half and whole"]);
  });

  it("finds what is rare in one folder among many words in others", async () => {
    await add([user("common rare")]);
    for (let n = 0; n < 3; n++)
      await add(
        Array.from({ length: 300 }, () => user("common")),
        { project: "/q" },
      );
    expect(await search("common", "/p")).toEqual(["common rare"]);
    expect(await search("common", "/q")).toHaveLength(20);
  });
});

describe("export", () => {
  const textOf = async (id: string, format: ExportFormat) => {
    let text = "";
    for await (const part of exported(store, await findSession(store, id), format)) text += part;
    return text;
  };

  it("is whole in both formats, the JSON valid, and has no secret in it", async () => {
    keepSecret("grapefruit-from-somewhere");
    const long = `${"word ".repeat(30_000)}sk-grapefruit-at-the-very-end`;
    const asked = { path: "x", password: "grapefruit", api_key: 12345, nested: [{ token: "abc" }] };
    const id = await add([
      user(long),
      tool("s.t", asked, "see ```code``` and grapefruit-from-somewhere"),
      assistant("done | *x*"),
    ]);
    const [markdown, json] = [await textOf(id, "markdown"), await textOf(id, "json")];
    for (const text of [markdown, json]) {
      expect(text).not.toContain("grapefruit");
      expect(text).not.toContain("12345");
      expect(text.length).toBeGreaterThan(150_000);
    }
    expect(JSON.parse(json)).toMatchObject({
      format: "banyan-session",
      version: 1,
      session: { id, messages: 3, tokens: { input: 0, output: 0 } },
      messages: [
        { number: 1, role: "user" },
        { number: 2, role: "tool", arguments: { path: "x", password: "(hidden)" } },
        { number: 3, role: "assistant", text: "done | *x*" },
      ],
    });
    expect(markdown).toContain("\n````\nsee ```code``` and (hidden)\n````\n");
  });

  it("of many messages is valid JSON with every one of them in order", async () => {
    const id = await add(Array.from({ length: 450 }, (_, n) => user(`${n}`)));
    const { messages } = JSON.parse(await textOf(id, "json")) as { messages: { text: string }[] };
    expect(messages.map(({ text }) => Number(text))).toEqual(Array.from({ length: 450 }, (_, n) => n));
  });

  it("goes into a file for its owner alone, that was not there, whole or not at all", async () => {
    const folder = temporaryHome();
    const file = join(folder, "talk.md");
    const session = await findSession(store, await add([user("hello")]));
    await writeExport(file, exported(store, session, "markdown"));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toContain("hello");
    writeFileSync(file, "mine");
    await expect(writeExport(file, exported(store, session, "json"))).rejects.toMatchObject({ code: "file_exists" });
    await expect(writeExport(join(folder, "no", "f"), exported(store, session, "json"))).rejects.toMatchObject({
      code: "not_written",
    });
    async function* breaks(): AsyncGenerator<string> {
      yield "half";
      throw new Error("broken");
    }
    await expect(writeExport(join(folder, "half.md"), breaks())).rejects.toThrow("broken");
    expect([readdirSync(folder), readFileSync(file, "utf8")]).toEqual([["talk.md"], "mine"]);
  });
});
