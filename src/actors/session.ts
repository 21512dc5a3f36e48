// Session: the conversation as it is kept. A message is on disk before its append is acknowledged, and every change of one
// (text that grew, a tool call that ended) is a whole row written again under the same id, so that a call repeated after a
// crash does no harm. Its state is the Store's: after its own crash it reads the session of this run again.
// permanent, essential: without it nothing said would be kept.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { BanyanError, failure, GenServer, type Named, type Ref } from "../supervision/index.js";
import { again } from "./again.js";
import type { Statement, Store } from "./store/store.js";

const base = { id: z.string(), at: z.number() };

const messageSchema = z.discriminatedUnion("role", [
  z.object({
    ...base,
    role: z.literal("user"),
    text: z.string(),
    /** `queued`: typed while a turn ran and not yet taken up; `unsent`: its run ended before it was. */
    status: z.enum(["complete", "queued", "unsent"]),
  }),
  z.object({
    ...base,
    role: z.literal("assistant"),
    model: z.string(),
    text: z.string(),
    toolCalls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.record(z.string(), z.unknown()) })),
    status: z.enum(["streaming", "complete", "interrupted", "failed"]),
  }),
  z.object({
    ...base,
    role: z.literal("tool"),
    callId: z.string(),
    tool: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    /** The result or the error, as the model is given it. */
    text: z.string(),
    status: z.enum(["waiting", "running", "done", "failed", "denied", "cancelled", "interrupted"]),
    durationMs: z.number().optional(),
  }),
]);

export type StoredMessage = z.infer<typeof messageSchema>;
export type UserMessage = Extract<StoredMessage, { role: "user" }>;
export type AssistantMessage = Extract<StoredMessage, { role: "assistant" }>;
export type ToolMessage = Extract<StoredMessage, { role: "tool" }>;

export interface SessionOptions {
  readonly store: Named<Store>;
  /** This run of the app. A session belongs to one run at a time. */
  readonly run: string;
  /** The folder the conversation is about. */
  readonly project: string;
  readonly model: string;
  /** Go on with this session, or with the newest of the project. */
  readonly resume: string | "newest" | undefined;
}

interface SessionState {
  readonly id: string;
  readonly messages: StoredMessage[];
  tokens: { input: number; output: number };
  /** True when earlier runs wrote some of the messages. */
  readonly resumed: boolean;
}

export interface SessionView {
  readonly id: string;
  readonly messages: readonly StoredMessage[];
  readonly tokens: { readonly input: number; readonly output: number };
  readonly resumed: boolean;
}

/** There is no such session to go on with. */
export class NoSessionError extends BanyanError {
  constructor(message: string) {
    super("no_session", message);
  }
}

export class Session extends GenServer<SessionOptions, SessionState> {
  private options!: SessionOptions; // set by init
  private store!: Ref<Store>; // set by init

  protected override async init(options: SessionOptions) {
    this.options = options;
    this.store = this.use(options.store);
    const ofThisRun = await this.findSession("run = ?", options.run);
    if (ofThisRun !== undefined) {
      await this.load(ofThisRun, false);
      return undefined;
    }
    if (options.resume === undefined) {
      await this.create();
      return undefined;
    }
    const found =
      options.resume === "newest"
        ? await this.findSession("project = ?", options.project)
        : await this.findSession("id = ?", options.resume);
    if (found === undefined) return failure(noSession(options));
    await this.write({ sql: "UPDATE sessions SET run = ? WHERE id = ?", params: [options.run, found] });
    await this.load(found, true);
    return undefined;
  }

  view(): SessionView {
    return this.state;
  }

  /** Adds a message at the end, or replaces the one with the same id; resolves once it is on disk. */
  async put(message: StoredMessage): Promise<void> {
    const { messages, id } = this.state;
    const known = messages.findIndex((other) => other.id === message.id);
    const position = known < 0 ? messages.length : known;
    const now = Date.now();
    await this.write(
      {
        sql: `INSERT INTO messages (session, position, id, body, created_at) VALUES (?, ?, ?, ?, ?)
              ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
        params: [id, position, message.id, JSON.stringify(message), message.at],
      },
      { sql: "UPDATE sessions SET updated_at = ? WHERE id = ?", params: [now, id] },
    );
    messages[position] = message;
  }

  /** Marks what was under way when its writer died: answers and tool calls as interrupted, queued input as unsent. Answers
   * what it marked. */
  async markInterrupted(): Promise<StoredMessage[]> {
    const marked: StoredMessage[] = [];
    for (const message of this.state.messages) {
      const open = interrupted(message);
      if (open === undefined) continue;
      await this.put(open);
      marked.push(open);
    }
    return marked;
  }

  async addUsage(input: number, output: number): Promise<void> {
    const { tokens, id } = this.state;
    const sum = { input: tokens.input + input, output: tokens.output + output };
    await this.write({
      sql: "UPDATE sessions SET input_tokens = ?, output_tokens = ? WHERE id = ?",
      params: [sum.input, sum.output, id],
    });
    this.state.tokens = sum;
  }

  /** Begins a new session; the old one stays on disk. */
  async clear(): Promise<SessionView> {
    await this.write({ sql: "UPDATE sessions SET run = '' WHERE id = ?", params: [this.state.id] });
    await this.create();
    return this.state;
  }

  private async create(): Promise<void> {
    const { project, run, model } = this.options;
    const id = randomUUID();
    const now = Date.now();
    await this.write({
      sql: "INSERT OR IGNORE INTO sessions (id, project, run, model, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
      params: [id, project, run, model, now, now],
    });
    this.state = { id, messages: [], tokens: { input: 0, output: 0 }, resumed: false };
  }

  private async load(id: string, resumed: boolean): Promise<void> {
    const rows = await again(() =>
      this.store.call.all({ sql: "SELECT body FROM messages WHERE session = ? ORDER BY position", params: [id] }),
    );
    const [row] = await again(() =>
      this.store.call.all({ sql: "SELECT input_tokens, output_tokens FROM sessions WHERE id = ?", params: [id] }),
    );
    const tokens = { input: Number(row?.input_tokens ?? 0), output: Number(row?.output_tokens ?? 0) };
    this.state = { id, messages: rows.map((message) => readMessage(message.body)), tokens, resumed };
  }

  private async findSession(where: string, value: string): Promise<string | undefined> {
    const sql = `SELECT id FROM sessions WHERE ${where} ORDER BY updated_at DESC LIMIT 1`;
    const [row] = await again(() => this.store.call.all({ sql, params: [value] }));
    return typeof row?.id === "string" ? row.id : undefined;
  }

  private write(...statements: Statement[]): Promise<void> {
    return again(() => this.store.call.write(...statements));
  }
}

/** A new message's id and time. */
export function stamp(): { id: string; at: number } {
  return { id: randomUUID(), at: Date.now() };
}

function readMessage(body: unknown): StoredMessage {
  const parsed = messageSchema.safeParse(typeof body === "string" ? JSON.parse(body) : undefined);
  if (parsed.success) return parsed.data;
  const text = `This message could not be read back: ${z.prettifyError(parsed.error)}`;
  return { ...stamp(), role: "assistant", model: "", text, toolCalls: [], status: "failed" };
}

function interrupted(message: StoredMessage): StoredMessage | undefined {
  if (message.role === "user") return message.status === "queued" ? { ...message, status: "unsent" } : undefined;
  if (message.role === "assistant") {
    return message.status === "streaming" ? { ...message, status: "interrupted" } : undefined;
  }
  const open = message.status === "waiting" || message.status === "running";
  return open
    ? { ...message, status: "interrupted", text: "This call was interrupted; whether it took effect is not known." }
    : undefined;
}

function noSession({ resume, project }: SessionOptions): NoSessionError {
  return new NoSessionError(
    resume === "newest"
      ? `No conversation was held in ${project} yet; start one with banyan.`
      : `There is no conversation ${resume}; leave the id out to go on with the newest of this folder.`,
  );
}
