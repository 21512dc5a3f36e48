// A model API on loopback: OpenAI's chat completions, streamed as the real one streams them, answering from a script. It is as
// strict as the real one about what it is sent (tool names, tool results, the key), so that a request it accepts is a
// good request; and it can fail in every way a real one fails: refuse, stall, break the connection, write nonsense.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";

const scriptedCall = z.object({
  id: z.string().optional(),
  /** As on the wire: `server__tool`. */
  name: z.string(),
  /** An object is written as JSON; a string is sent as it is, valid or not. */
  arguments: z.union([z.record(z.string(), z.unknown()), z.string()]),
});

/** One scripted answer. Plain JSON, so that another process can send it. */
export const modelReply = z.union([
  z.strictObject({
    status: z.number().int().min(200).max(599),
    message: z.string().optional(),
    code: z.string().optional(),
    /** The Retry-After header: seconds or an HTTP date. */
    retryAfter: z.union([z.number(), z.string()]).optional(),
    /** Sent in place of the usual JSON error. */
    body: z.string().optional(),
  }),
  z.strictObject({
    text: z.string().optional(),
    toolCalls: z.array(scriptedCall).optional(),
    /** Into how many pieces the text, and the arguments of each call, are split. Default 4. */
    deltas: z.number().int().positive().optional(),
    /** Milliseconds between two pieces. Default 0. */
    paceMs: z.number().nonnegative().optional(),
    /** False leaves the usage chunk out, as some servers do. */
    usage: z.union([z.literal(false), z.object({ input: z.number(), output: z.number() })]).optional(),
    finish: z.string().optional(),
    /**
     * What happens after that many pieces: silence, a destroyed socket, an end without a finish, a chunk that is no JSON, an
     * error object. `late-cut` destroys the socket after the finish, before the usage.
     */
    fault: z
      .object({
        kind: z.enum(["stall", "cut", "late-cut", "end", "malformed", "error"]),
        afterDeltas: z.number().int().nonnegative(),
      })
      .optional(),
  }),
]);
export type ModelReply = z.infer<typeof modelReply>;
type Answer = Exclude<ModelReply, { status: number }>;

const chatRequest = z.looseObject({
  model: z.string().min(1),
  stream: z.literal(true),
  stream_options: z.object({ include_usage: z.boolean() }).optional(),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(["system", "developer", "user", "assistant", "tool"]),
        content: z.union([z.string(), z.array(z.unknown()), z.null()]).optional(),
        tool_call_id: z.string().optional(),
        tool_calls: z
          .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
          .optional(),
      }),
    )
    .min(1),
  tools: z
    .array(
      z.object({
        type: z.literal("function"),
        function: z.looseObject({
          name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
          parameters: z.looseObject({ type: z.literal("object"), properties: z.record(z.string(), z.unknown()) }),
        }),
      }),
    )
    .min(1)
    .optional(),
  temperature: z.number().min(0).max(2).optional(),
  max_tokens: z.number().int().positive().optional(),
});
export type ChatRequest = z.infer<typeof chatRequest>;

/** A request as it came. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The parsed body of a chat request that was well-formed. */
  readonly body: ChatRequest | undefined;
  /** Settles when the connection that carried it is closed or its answer is complete. */
  readonly closed: Promise<"answered" | "dropped">;
}

export interface ModelServer {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string;
  /** `http://127.0.0.1:PORT`, where Ollama's own routes are. */
  readonly origin: string;
  readonly requests: readonly RecordedRequest[];
  /** Connections ever made. */
  connections: number;
  /** What `/v1/models` and `/api/tags` list. */
  models: string[];
  /** The answer when the script is empty. */
  defaultReply: ModelReply | ((request: ChatRequest) => ModelReply);
  /** Adds answers to the script; each chat request takes one. */
  enqueue(...replies: ModelReply[]): void;
  close(): Promise<void>;
}

export interface ModelServerOptions {
  readonly port?: number;
  /** When set, every other key is refused with 401. */
  readonly apiKey?: string;
  /** Called with every request as it is recorded. */
  readonly onRequest?: (request: RecordedRequest) => void;
}

/** Starts the server on 127.0.0.1, at a free port unless one is given. */
export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const requests: RecordedRequest[] = [];
  const script: ModelReply[] = [];

  const http = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  http.on("connection", () => server.connections++);
  const server: ModelServer = {
    baseUrl: "",
    origin: "",
    requests,
    connections: 0,
    models: ["scripted-model"],
    defaultReply: { text: "This is a scripted answer." },
    enqueue: (...replies) => void script.push(...replies),
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
    const text = await readAll(request);
    const parsed = chatRequest.safeParse(parseJson(text));
    const closed = new Promise<"answered" | "dropped">((resolve) => {
      response.once("close", () => resolve(response.writableFinished ? "answered" : "dropped"));
    });
    const { method = "GET", headers } = request;
    const recorded = { method, path, headers, body: parsed.success ? parsed.data : undefined, closed };
    requests.push(recorded);
    options.onRequest?.(recorded);

    if (method === "GET" && path === "/v1/models") {
      const data = server.models.map((id) => ({ id, object: "model", created: 0, owned_by: "script" }));
      return sendJson(response, 200, { object: "list", data });
    }
    if (method === "GET" && path === "/api/tags") {
      return sendJson(response, 200, { models: server.models.map((name) => ({ name, model: name, size: 0 })) });
    }
    if (method !== "POST" || path !== "/v1/chat/completions") {
      return sendError(response, { status: 404, message: `Invalid URL (${method} ${path})` });
    }
    const key = headers.authorization?.replace(/^Bearer /, "");
    if (options.apiKey !== undefined && key !== options.apiKey) {
      // Like the real one, it repeats the key.
      const message = `Incorrect API key provided: ${key}. You can find your API key in your account.`;
      return sendError(response, { status: 401, message, code: "invalid_api_key" });
    }
    const complaint = parsed.success ? historyComplaint(parsed.data) : z.prettifyError(parsed.error);
    if (!parsed.success || complaint !== undefined) {
      return sendError(response, { status: 400, message: complaint ?? "Bad request", code: "invalid_request" });
    }
    const scripted = script.shift() ?? server.defaultReply;
    const reply = typeof scripted === "function" ? scripted(parsed.data) : scripted;
    if ("status" in reply) return sendError(response, reply);
    return streamAnswer(response, parsed.data, reply, requests.length);
  }

  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("The model server has no port.");
  const origin = `http://127.0.0.1:${address.port}`;
  return Object.assign(server, { origin, baseUrl: `${origin}/v1` });
}

async function streamAnswer(
  response: ServerResponse,
  request: ChatRequest,
  reply: Answer,
  turn: number,
): Promise<void> {
  const { text = "", toolCalls = [], deltas = 4, paceMs = 0, fault, usage } = reply;
  const common = { id: `chatcmpl-${turn}`, object: "chat.completion.chunk", created: 1, model: request.model };
  const write = (data: string) => new Promise<void>((resolve) => response.write(`data: ${data}\n\n`, () => resolve()));
  const chunk = (delta: object, finish_reason: string | null = null) =>
    write(JSON.stringify({ ...common, choices: [{ index: 0, delta, logprobs: null, finish_reason }] }));

  const pieces: object[] = split(text, deltas).map((content) => ({ content }));
  for (const [index, call] of toolCalls.entries()) {
    const head = { index, id: call.id ?? `call_${turn}_${index}`, type: "function" };
    pieces.push({ tool_calls: [{ ...head, function: { name: call.name, arguments: "" } }] });
  }
  // The arguments of parallel calls come interleaved: the first piece of each, the second of each, and so on.
  const written = toolCalls.map(({ arguments: value }) =>
    split(typeof value === "string" ? value : JSON.stringify(value), deltas),
  );
  for (let at = 0; at < deltas; at++) {
    for (const [index, parts] of written.entries()) {
      const part = parts[at];
      if (part !== undefined) pieces.push({ tool_calls: [{ index, function: { arguments: part } }] });
    }
  }

  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
  await chunk({ role: "assistant", content: toolCalls.length > 0 && text === "" ? null : "" });
  for (const [at, piece] of [...pieces, undefined].entries()) {
    if (fault !== undefined && fault.kind !== "late-cut" && (fault.afterDeltas === at || piece === undefined)) {
      if (fault.kind === "stall") return;
      if (fault.kind === "cut") return void response.destroy();
      if (fault.kind === "end") return void response.end();
      if (fault.kind === "error") {
        await write(
          JSON.stringify({ error: { message: "The server had an error", type: "server_error", code: null } }),
        );
        return void response.end();
      }
      await write(`{"id": "chatcmpl-${turn}", "choices": [`);
      return void response.end();
    }
    if (piece === undefined || response.destroyed) break;
    if (paceMs > 0) await pause(paceMs);
    await chunk(piece);
  }
  await chunk({}, reply.finish ?? (toolCalls.length > 0 ? "tool_calls" : "stop"));
  if (fault?.kind === "late-cut") return void response.destroy();
  if (request.stream_options?.include_usage && usage !== false) {
    const { input, output } = usage ?? { input: words(JSON.stringify(request.messages)), output: words(text) };
    const counts = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
    await write(JSON.stringify({ ...common, choices: [], usage: counts }));
  }
  await write("[DONE]");
  response.end();
}

/** What the real API says of a history in which calls and results do not match. */
function historyComplaint(request: ChatRequest): string | undefined {
  const open = new Set<string>();
  for (const message of request.messages) {
    if (message.role === "tool") {
      if (message.tool_call_id === undefined || !open.delete(message.tool_call_id)) {
        return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'.";
      }
      continue;
    }
    if (open.size > 0) break;
    for (const call of message.tool_calls ?? []) {
      open.add(call.id);
      if (parseJson(call.function.arguments) === undefined) return "tool call arguments must be valid JSON.";
    }
  }
  if (open.size === 0) return undefined;
  return `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. Missing: ${[...open]}`;
}

function sendError(response: ServerResponse, reply: Extract<ModelReply, { status: number }>): void {
  if (reply.retryAfter !== undefined) response.setHeader("retry-after", String(reply.retryAfter));
  if (reply.body !== undefined)
    return void response.writeHead(reply.status, { "content-type": "text/html" }).end(reply.body);
  const { status, message = `Scripted failure ${reply.status}`, code = null } = reply;
  sendJson(response, status, { error: { message, type: "scripted_error", param: null, code } });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The text in at most `count` pieces of about the same length, never cutting a character in two. */
function split(text: string, count: number): string[] {
  const characters = Array.from(text);
  const size = Math.max(1, Math.ceil(characters.length / count));
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; at += size) pieces.push(characters.slice(at, at + size).join(""));
  return pieces;
}

function words(text: string): number {
  return text.split(/\s+/).filter((word) => word !== "").length;
}
