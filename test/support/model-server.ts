// A model API on loopback: OpenAI's chat completions and Responses, Anthropic's Messages and Ollama's chat, streamed as the real
// ones stream them, answering from a script. It is as strict as they are about what it is sent (tool names, tool results, the
// key), so that a request it accepts is a good request; and it can fail in every way a real one fails: refuse, stall, break
// the connection, write nonsense.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { anthropic } from "./model-wires/anthropic.js";
import { type ChatRequest, chatCompletions, chatRequest } from "./model-wires/chat-completions.js";
import { ollama } from "./model-wires/ollama.js";
import type { Answer, ModelReply, Refusal, Wire, WrittenAnswer } from "./model-wires/reply.js";
import { responses } from "./model-wires/responses.js";

export { type ModelReply, modelReply } from "./model-wires/reply.js";

const wires: readonly Wire[] = [chatCompletions, responses, anthropic, ollama];

/** A request as it came. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The parsed body of a chat completions request that was well-formed. */
  readonly body: ChatRequest | undefined;
  /** The body as it came, if it was JSON. */
  readonly json: unknown;
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
  /** How many tokens its models take, four bytes of JSON each; what is longer is refused. It tells so where `tellsWindow`. */
  window: number | undefined;
  tellsWindow: boolean;
  /** The answer when the script is empty. */
  defaultReply: ModelReply | ((request: Record<string, unknown>) => ModelReply);
  /** Models in the memory of Ollama, and for how long they were asked to stay. */
  readonly loaded: Map<string, string>;
  /** Models that Ollama says see images. */
  readonly sighted: Set<string>;
  /** Adds answers to the script; each chat request takes one. */
  enqueue(...replies: ModelReply[]): void;
  /** Breaks every connection there is. */
  cut(): void;
  close(): Promise<void>;
}

export interface ModelServerOptions {
  readonly port?: number;
  /** When set, every other key is refused with 401. */
  readonly apiKey?: string;
  /** Called with every request as it is recorded. */
  readonly onRequest?: (request: RecordedRequest) => void;
  /** Awaited before each piece of an answer, and before what ends it: what is held there is sent no further. */
  readonly onPiece?: (piece: Piece) => unknown;
}

/** What of an answer is about to be sent. */
export interface Piece {
  /** Which request to a model it answers, from 1. */
  readonly request: number;
  /** 0 is the first. */
  readonly at: number;
  /** How many there are; `at` is that of what ends the answer. */
  readonly of: number;
}

/** Starts the server on 127.0.0.1, at a free port unless one is given. */
export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const requests: RecordedRequest[] = [];
  const script: ModelReply[] = [];
  let asked = 0;

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
    window: undefined,
    tellsWindow: true,
    defaultReply: { text: "This is a scripted answer." },
    loaded: new Map(),
    sighted: new Set(),
    enqueue: (...replies) => void script.push(...replies),
    cut: () => http.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
    const json = parseJson(await readAll(request));
    const parsed = chatRequest.safeParse(json);
    const closed = new Promise<"answered" | "dropped">((resolve) => {
      response.once("close", () => resolve(response.writableFinished ? "answered" : "dropped"));
    });
    const { method = "GET", headers } = request;
    const recorded = { method, path, headers, json, body: parsed.success ? parsed.data : undefined, closed };
    requests.push(recorded);
    options.onRequest?.(recorded);

    if (method === "GET" && path === "/v1/models") {
      const told = server.tellsWindow && server.window !== undefined ? { max_model_len: server.window } : {};
      const data = server.models.map((id) => ({ id, object: "model", created: 0, owned_by: "script", ...told }));
      return sendJson(response, 200, { object: "list", data });
    }
    if (method === "GET" && path === "/api/tags") {
      return sendJson(response, 200, { models: server.models.map((name) => ({ name, model: name, size: 0 })) });
    }
    const [, entry] = /^\/v1\/models\/(.+)$/.exec(path) ?? [];
    if (method === "GET" && entry !== undefined) {
      const told = server.tellsWindow && server.window !== undefined ? { max_input_tokens: server.window } : {};
      return sendJson(response, 200, { type: "model", id: entry, display_name: entry, ...told });
    }
    if (method === "GET" && path === "/api/ps") {
      const told = server.tellsWindow && server.window !== undefined ? { context_length: server.window } : {};
      return sendJson(response, 200, { models: [...server.loaded.keys()].map((name) => ({ name, ...told })) });
    }
    if (method === "POST" && path === "/api/show" && isRecord(json)) {
      const capabilities = ["completion", "tools", ...(server.sighted.has(String(json.model)) ? ["vision"] : [])];
      return sendJson(response, 200, { capabilities, model_info: { "script.context_length": 131_072 } });
    }
    // Without a prompt it loads the model and answers when it is there.
    if (method === "POST" && path === "/api/generate" && isRecord(json) && json.prompt === undefined) {
      if (!server.models.includes(String(json.model))) {
        return sendJson(response, 404, { error: `model '${json.model}' not found` });
      }
      server.loaded.set(String(json.model), String(json.keep_alive));
      return sendJson(response, 200, { model: json.model, response: "", done: true, done_reason: "load" });
    }
    const wire = wires.find((one) => one.path === path);
    if (method !== "POST" || wire === undefined) {
      return sendError(response, chatCompletions, { status: 404, message: `Invalid URL (${method} ${path})` });
    }
    const key = wire.key(headers);
    if (options.apiKey !== undefined && key !== options.apiKey) {
      // Like the real one, it repeats the key.
      const message = `Incorrect API key provided: ${key}. You can find your API key in your account.`;
      return sendError(response, wire, { status: 401, message, code: "invalid_api_key" });
    }
    const complaint = wire.complaint(json);
    if (!isRecord(json) || complaint !== undefined) {
      return sendError(response, wire, { status: 400, message: complaint ?? "Bad request", code: "invalid_request" });
    }
    const number = ++asked;
    const tokens = Math.ceil(JSON.stringify(json).length / 4);
    if (server.window !== undefined && tokens > server.window) {
      const message = `This model's maximum context length is ${server.window} tokens. However, your messages resulted in ${tokens} tokens.`;
      return sendError(response, wire, { status: 400, message, code: "context_length_exceeded" });
    }
    const scripted = script.shift() ?? server.defaultReply;
    const reply = typeof scripted === "function" ? scripted(json) : scripted;
    if ("status" in reply) return sendError(response, wire, reply);
    response.writeHead(200, { "content-type": wire.contentType, "cache-control": "no-cache" });
    const written = wire.write({ request: json, reply, turn: requests.length });
    const hold = (at: number) => options.onPiece?.({ request: number, at, of: written.pieces.length });
    return sendAnswer(response, written, reply, hold);
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

async function sendAnswer(
  response: ServerResponse,
  written: WrittenAnswer,
  reply: Answer,
  hold: (at: number) => unknown,
): Promise<void> {
  const { fault, paceMs = 0 } = reply;
  const write = (text: string) =>
    text === "" ? undefined : new Promise<void>((resolve) => response.write(text, () => resolve()));
  // Also what begins an answer is sent before anything breaks.
  response.flushHeaders();
  await write(written.begin);
  for (const [at, piece] of [...written.pieces, undefined].entries()) {
    if (fault !== undefined && fault.kind !== "late-cut" && (fault.afterDeltas === at || piece === undefined)) {
      if (fault.kind === "stall") return;
      if (fault.kind === "cut") return void response.destroy();
      if (fault.kind === "error") await write(written.error);
      if (fault.kind === "malformed") await write(written.malformed);
      return void response.end();
    }
    await hold(at);
    if (piece === undefined || response.destroyed) break;
    if (paceMs > 0) await pause(paceMs);
    await write(piece);
  }
  await write(written.finish);
  if (fault?.kind === "late-cut") return void response.destroy();
  await write(written.end);
  response.end();
}

function sendError(response: ServerResponse, wire: Wire, refusal: Refusal): void {
  if (refusal.retryAfter !== undefined) response.setHeader("retry-after", String(refusal.retryAfter));
  if (refusal.body !== undefined)
    return void response.writeHead(refusal.status, { "content-type": "text/html" }).end(refusal.body);
  sendJson(response, refusal.status, wire.error(refusal));
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
