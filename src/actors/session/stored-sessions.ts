// The sessions that are stored, whoever has them open: found by id or name, listed, named. Plain functions over a Store, for the
// app and for the command line alike.
// A session's row says in `state` whether it counts: a fork that is still `making` and one that is `removing` are there for nobody.
import { z } from "zod";
import { BanyanError, type Ref } from "../../supervision/index.js";
import { again } from "../again.js";
import { isAlive } from "../run-owner.js";
import type { Row, SqlValue } from "../store/statement.js";
import type { Store } from "../store/store.js";

/** The part of the Store that is needed here; hand in a ref bound to the calling process. */
export type SessionDatabase = Ref<Pick<Store, "all" | "write">>;

export interface StoredSession {
  readonly id: string;
  /** What the user called it. */
  readonly name: string | undefined;
  /** The beginning of what was said first. */
  readonly title: string;
  /** The folder it was held in. */
  readonly project: string;
  /** `print`: one answer without a screen. */
  readonly kind: "chat" | "print";
  readonly model: string;
  readonly messages: number;
  readonly tokens: { readonly input: number; readonly output: number };
  /** Of the input, what providers read from their caches. */
  readonly cached: number;
  /** In US dollars, as far as the prices are known. */
  readonly cost: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The process of the system that has it open. */
  readonly openIn: number | undefined;
  /** The id of the session it was forked from. */
  readonly forkedFrom: string | undefined;
  /** The run it belongs to, or belonged to last. */
  readonly run: string;
}

/** There is no such session. */
export class NoSessionError extends BanyanError {
  constructor(message: string) {
    super("no_session", message);
  }
}

/** The conversation is open in another Banyan, or has been taken over by one. */
export class TakenError extends BanyanError {
  constructor(message: string) {
    super("session_taken", message);
  }
}

/** What a conversation may be called. */
export const sessionName = z
  .string()
  .trim()
  .regex(/^[^\p{C}]{1,80}$/u, { error: "a name is one line of 1 to 80 characters" });

const rowSchema = z.object({
  id: z.string(),
  name: z.string().nullable(),
  title: z.string().nullable(),
  project: z.string(),
  kind: z.enum(["chat", "print"]),
  model: z.string(),
  messages: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cached_tokens: z.number(),
  cost: z.number(),
  created_at: z.number(),
  updated_at: z.number(),
  pid: z.number().nullable(),
  pid_started: z.string(),
  forked_from: z.string().nullable(),
  run: z.string(),
});

const TITLE_CHARACTERS = 120;
const SELECT = `
  SELECT sessions.*, (SELECT COALESCE(MAX(position) + 1, 0) FROM messages WHERE session = sessions.id) AS messages,
         (SELECT CASE WHEN json_valid(body) THEN substr(body ->> 'text', 1, ${TITLE_CHARACTERS}) END
          FROM messages WHERE session = sessions.id ORDER BY position LIMIT 1) AS title`;
const SAID = "EXISTS (SELECT 1 FROM messages WHERE session = sessions.id)";
const MOST_FOUND = 20;

/** Those whose row fits `where`, the last used first. */
export async function selectSessions(
  database: SessionDatabase,
  where: string,
  params: readonly SqlValue[],
  limit = MOST_FOUND,
): Promise<StoredSession[]> {
  const last = "ORDER BY updated_at DESC, id";
  // What is counted is counted for the chosen alone.
  const chosen = `SELECT * FROM sessions WHERE state = 'whole' AND ${where} ${last} LIMIT ?`;
  const sql = `${SELECT} FROM (${chosen}) AS sessions ${last}`;
  const rows = await again(() => database.call.all({ sql, params: [...params, limit] }));
  return rows.map(sessionOf);
}

/** Those in which something was said, the last used first: of one folder, or of all. */
export function listSessions(
  database: SessionDatabase,
  project: string | undefined,
  limit: number,
): Promise<StoredSession[]> {
  return project === undefined
    ? selectSessions(database, SAID, [], limit)
    : selectSessions(database, `project = ? AND ${SAID}`, [project], limit);
}

/** The chats of a folder, the last used first; a run of one answer is none. */
export function chatsOf(database: SessionDatabase, project: string): Promise<StoredSession[]> {
  return selectSessions(database, `project = ? AND kind = 'chat' AND ${SAID}`, [project]);
}

/** The one with this id, this name, or the only one whose id begins so. Rejects with {@link NoSessionError}. */
export async function findSession(database: SessionDatabase, reference: string): Promise<StoredSession> {
  const named = await selectSessions(database, "? IN (id, name)", [reference]);
  const exact = named.find(({ id }) => id === reference) ?? named[0];
  if (exact !== undefined) return exact;
  const isPart = /^[0-9a-f-]{4,36}$/i.test(reference);
  const found = isPart ? await selectSessions(database, "id LIKE ?", [`${reference.toLowerCase()}%`], 2) : [];
  const [only, another] = found;
  if (another !== undefined) {
    throw new NoSessionError(`Several conversations have ids that begin with ${reference}; write more of it.`);
  }
  if (only === undefined) {
    throw new NoSessionError(`There is no conversation ${reference}; banyan sessions list shows what there is.`);
  }
  return only;
}

/** Calls it so. Rejects as {@link freeName} does. */
export async function nameSession(database: SessionDatabase, id: string, name: string): Promise<string> {
  const free = await freeName(database, name, id);
  const sql = `UPDATE sessions SET name = ? WHERE id = ? AND state = 'whole'
               AND NOT EXISTS (SELECT 1 FROM sessions AS other WHERE other.name = ? AND other.id <> ? AND other.state = 'whole')`;
  const [changed] = await again(() => database.call.write({ sql, params: [free, id, free, id] }));
  if (changed === 1) return free;
  await freeName(database, name, id);
  throw new NoSessionError("This conversation has been removed; begin a new one with /clear.");
}

/** The name as it is kept. Rejects with {@link BanyanError} `usage` for what is no name, `name_taken` for what another session is
 * called. */
export async function freeName(database: SessionDatabase, name: string, id: string): Promise<string> {
  const { data, error } = sessionName.safeParse(name);
  if (data === undefined) {
    throw new BanyanError("usage", `A conversation cannot be called that: ${error.issues[0]?.message}.`);
  }
  const [other] = await selectSessions(database, "name = ? AND id <> ?", [data, id]);
  if (other === undefined) return data;
  throw new BanyanError("name_taken", `Another conversation is called ${data} already; choose another name.`);
}

function sessionOf(row: Row): StoredSession {
  const {
    name,
    title,
    cached_tokens,
    input_tokens,
    output_tokens,
    created_at,
    updated_at,
    pid,
    pid_started,
    forked_from,
    ...rest
  } = rowSchema.parse(row);
  return {
    ...rest,
    name: name ?? undefined,
    title: (title ?? "").replace(/\s+/g, " ").trim(),
    tokens: { input: input_tokens, output: output_tokens },
    cached: cached_tokens,
    createdAt: created_at,
    updatedAt: updated_at,
    openIn: pid !== null && isAlive({ pid, started: pid_started }) ? pid : undefined,
    forkedFrom: forked_from ?? undefined,
  };
}
