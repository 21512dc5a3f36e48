// One open connection to an MCP server, in era-neutral words: list, call, read, changed, ask the other side. The official SDK's
// low-level Client does the protocol up to 2025-11-25 over whatever transport it is given; none of its types leave this file.
//
// Two things are done otherwise than by the Client's own helpers. Lists are checked item by item (listing.ts), so that one
// malformed tool costs that tool and not the server. Progress has tokens of our own, because the Client forgets its own when the answer comes and
// hands on notifications a moment late, so that the last progress before an answer would be lost. And results are not checked against the tool's output schema here: the Client would compile
// every schema with ajv at each listing, and schema and value both come from a program we do not trust, so that a pattern made
// to backtrack could stall the whole primary.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  type CallToolRequest,
  CallToolResultSchema,
  type ClientRequest,
  CompleteResultSchema,
  ElicitationCompleteNotificationSchema,
  EmptyResultSchema,
  ErrorCode,
  GetPromptResultSchema,
  LoggingMessageNotificationSchema,
  McpError,
  ProgressNotificationSchema,
  PromptListChangedNotificationSchema,
  PromptSchema,
  RELATED_TASK_META_KEY,
  ReadResourceResultSchema,
  ResourceListChangedNotificationSchema,
  ResourceSchema,
  ResourceTemplateSchema,
  ResourceUpdatedNotificationSchema,
  TaskStatusNotificationSchema,
  ToolListChangedNotificationSchema,
  ToolSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { announce } from "../../actors/telemetry/happenings.js";
import { isTracing, type Span, startSpan } from "../../actors/telemetry/spans.js";
import { BanyanError, CallError, messageOf } from "../../supervision/index.js";
import { CallTimeoutError, RemoteError, ServerLostError, ServerProtocolError } from "./errors.js";
import type { GiveUp } from "./give-up.js";
import { cutText, Listing } from "./listing.js";
import type {
  Completion,
  CompletionTarget,
  LogLevel,
  Progress,
  PromptInfo,
  PromptResult,
  ResourceContents,
  ResourceInfo,
  ResourceTemplateInfo,
  ServerIdentity,
  ServerNotification,
  ToolInfo,
  ToolResult,
} from "./mcp-types.js";
import { optional, promptInfo, resourceInfo, resourceTemplateInfo, toolInfo } from "./sdk-shapes.js";
import { answerServer, capabilitiesOf, type ServerAnswers } from "./server-requests.js";
import { runAsTask } from "./task-call.js";
import { ToolRequests } from "./tool-requests.js";
import { aboutOf } from "./wire-message.js";

export interface ConnectionOptions extends ServerAnswers {
  /** The configured name of the server; for messages. */
  readonly server: string;
  readonly clientInfo: { readonly name: string; readonly version: string };
  /** Milliseconds for the handshake. */
  readonly connectTimeoutMs: number;
  /** Milliseconds for every request that gives no time of its own. */
  readonly timeoutMs: number;
  readonly onNotification: (notification: ServerNotification) => void;
}

export interface CallOptions {
  readonly giveUp?: GiveUp | undefined;
  readonly timeoutMs?: number;
  /** Whether running the tool twice does no harm; told to the caller if the connection is lost. */
  readonly safeToRetry?: boolean;
  /** The span the request is part of, as the W3C writes it. */
  readonly traceparent?: string | undefined;
}

export interface NamedCallOptions extends CallOptions {
  /** The caller's name for the call; told of the questions and log messages that are about it. */
  readonly callId?: string | undefined;
}

export interface ToolCallOptions extends NamedCallOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** The tool runs as a task alone. */
  readonly asTask?: boolean | undefined;
}

const MAX_PAGES = 200;
/** Of what a server says of itself. */
const LONGEST_NAME = 256;
const LONGEST_INSTRUCTIONS = 16_384;
const LONGEST_REFUSAL = 2_000;
/** Of one completion. */
const MOST_VALUES = 100;
const relatedTask = z.object({ [RELATED_TASK_META_KEY]: z.object({ taskId: z.string() }) });
const page = z.looseObject({ nextCursor: z.string().optional() });

export class Connection {
  private lostBecause = "the connection was closed";
  private ended = false;
  private progressTokens = 0;
  private readonly progress = new Map<string | number, (progress: Progress) => void>();

  private readonly tools: ToolRequests;
  /** The calls that run as tasks, by their tasks. */
  private readonly tasks = new Map<string, string>();

  private constructor(
    private readonly client: Client,
    private readonly transport: Transport,
    private readonly options: ConnectionOptions,
  ) {
    this.tools = new ToolRequests(transport);
    client.onclose = () => this.tools.lost();
  }

  /** Does the handshake over `transport`. Rejects with the typed error of why it failed; the transport is closed then. */
  static async open(transport: Transport, options: ConnectionOptions): Promise<Connection> {
    const client = new Client(options.clientInfo, { capabilities: capabilitiesOf(options) });
    const connection = new Connection(client, transport, options);
    connection.listen();
    const callOf = (meta: Meta) => connection.callOf(meta);
    answerServer(client, options, (fault) => connection.fault(fault), callOf);
    try {
      await client.connect(transport, { timeout: options.connectTimeoutMs });
    } catch (error) {
      // The transport's own: the client has let go of it, so that it would be taken for a connection that ended.
      if (error instanceof BanyanError && !(error instanceof CallError)) throw error;
      throw connection.explain(error, "initialize", { timeoutMs: options.connectTimeoutMs, safeToRetry: true });
    }
    connection.tools.listen();
    return connection;
  }

  /** It says of each question for which call it is. */
  get isExact(): boolean {
    return "marks" in this.transport;
  }

  /** Who answers, and what it can do. */
  get identity(): ServerIdentity {
    const capabilities = this.client.getServerCapabilities();
    const version = this.client.getServerVersion();
    const instructions = this.client.getInstructions();
    return {
      name: cutText(version?.name ?? this.options.server, LONGEST_NAME),
      version: cutText(version?.version ?? "", LONGEST_NAME),
      ...(instructions === undefined ? {} : { instructions: cutText(instructions, LONGEST_INSTRUCTIONS) }),
      capabilities: {
        tools: capabilities?.tools !== undefined,
        resources: capabilities?.resources !== undefined,
        subscribe: capabilities?.resources?.subscribe === true,
        prompts: capabilities?.prompts !== undefined,
        logging: capabilities?.logging !== undefined,
        completions: capabilities?.completions !== undefined,
      },
    };
  }

  async listTools(): Promise<ToolInfo[]> {
    return this.list("tools", "tools/list", new Listing(ToolSchema, toolInfo));
  }

  async listResources(): Promise<ResourceInfo[]> {
    return this.list("resources", "resources/list", new Listing(ResourceSchema, resourceInfo));
  }

  async listResourceTemplates(): Promise<ResourceTemplateInfo[]> {
    return this.list(
      "resources",
      "resources/templates/list",
      new Listing(ResourceTemplateSchema, resourceTemplateInfo),
    );
  }

  async listPrompts(): Promise<PromptInfo[]> {
    return this.list("prompts", "prompts/list", new Listing(PromptSchema, promptInfo));
  }

  /** Runs a tool. A tool that fails answers with `isError`; a rejection means that there is no answer, and its class says why.
   * The time it may take is its caller's to watch. */
  async callTool(
    name: string,
    args: { readonly [key: string]: unknown },
    options: ToolCallOptions = {},
  ): Promise<ToolResult> {
    const { onProgress, asTask = false, callId, traceparent } = options;
    const progressToken = ++this.progressTokens;
    const span = isTracing() ? this.spanOf(name, traceparent) : undefined;
    const params: CallToolRequest["params"] = { name, arguments: args };
    if (onProgress !== undefined || span !== undefined) {
      params._meta = {
        ...(onProgress === undefined ? {} : { progressToken }),
        // The key MCP reserves for it; a server that knows nothing of traces ignores it.
        ...(span === undefined ? {} : { traceparent: span.traceparent }),
      };
    }
    if (onProgress !== undefined) this.progress.set(progressToken, onProgress);
    try {
      const result =
        asTask && this.client.getServerCapabilities()?.tasks?.requests?.tools?.call !== undefined
          ? await this.runTask(params, options, onProgress, callId)
          : await this.send("tools/call", params, toolResult, name, options);
      const { structuredContent, isError = false } = result;
      span?.end(isError ? { error: "tool_error" } : undefined);
      const content = result.content as ToolResult["content"]; // the SDK's blocks are ours and more
      const meta = result._meta && passedMeta(result._meta);
      if (structuredContent === undefined && meta === undefined) return { content, isError };
      return { content, isError, ...optional({ structuredContent, meta }) };
    } catch (error) {
      span?.end({ error: error instanceof BanyanError ? error.code : "crashed" });
      throw error;
    } finally {
      if (onProgress !== undefined) this.progress.delete(progressToken);
    }
  }

  private spanOf(tool: string, parent: string | undefined): Span {
    const attributes = {
      "mcp.method.name": "tools/call",
      "gen_ai.tool.name": tool,
      "mcp.server.name": this.options.server,
    };
    return startSpan(`tools/call ${tool}`, { kind: "client", parent, attributes });
  }

  /** The time it may take is its caller's to watch. */
  private async send<T>(
    method: string,
    params: object,
    read: (said: unknown) => T,
    what: string,
    { giveUp, safeToRetry = false, traceparent, callId }: NamedCallOptions,
  ): Promise<T> {
    const told = this.announcing(method, traceparent);
    try {
      const result = read(await this.tools.send(method, params, giveUp, callId));
      told("done");
      return result;
    } catch (error) {
      const why = giveUp?.reason ?? this.explain(error, what, { timeoutMs: 0, safeToRetry });
      told(why instanceof BanyanError ? why.code : "crashed");
      throw why;
    }
  }

  private runTask(
    params: CallToolRequest["params"],
    options: CallOptions,
    onProgress: ToolCallOptions["onProgress"],
    callId: string | undefined,
  ): Promise<z.output<typeof CallToolResultSchema>> {
    let changes = 0;
    let task: string | undefined;
    return runAsTask({
      server: this.options.server,
      params,
      signal: options.giveUp?.signal,
      ask: (request, schema) => this.request(request, schema, params.name, options),
      tell: (request, schema) => void this.request(request, schema, params.name, { safeToRetry: true }).catch(() => {}),
      onStatus: ({ taskId, status, statusMessage }) => {
        if (callId !== undefined) this.tasks.set(taskId, callId);
        task = taskId;
        const message = statusMessage === undefined ? status : cutText(statusMessage, LONGEST_REFUSAL);
        onProgress?.({ progress: ++changes, message });
        this.options.onNotification({ type: "task-status", taskId, status, message });
      },
    }).finally(() => task !== undefined && this.tasks.delete(task));
  }

  /** The time it may take is its caller's to watch, as of the two below. */
  async readResource(uri: string, options: NamedCallOptions = {}): Promise<readonly ResourceContents[]> {
    const { contents } = await this.send(
      "resources/read",
      { uri },
      (said) => ReadResourceResultSchema.parse(said),
      uri,
      options,
    );
    return contents as ResourceContents[]; // differ only in allowing `undefined` where ours are absent
  }

  async getPrompt(
    name: string,
    args: Readonly<Record<string, string>>,
    options: NamedCallOptions = {},
  ): Promise<PromptResult> {
    const params = { name, arguments: { ...args } };
    const result = await this.send("prompts/get", params, (said) => GetPromptResultSchema.parse(said), name, options);
    return {
      ...optional({ description: result.description }),
      messages: result.messages as PromptResult["messages"], // the SDK's blocks are ours and more
    };
  }

  async subscribe(uri: string): Promise<void> {
    const request = { method: "resources/subscribe", params: { uri } } as const;
    await this.request(request, EmptyResultSchema, uri, { safeToRetry: true });
  }

  async unsubscribe(uri: string): Promise<void> {
    const request = { method: "resources/unsubscribe", params: { uri } } as const;
    await this.request(request, EmptyResultSchema, uri, { safeToRetry: true });
  }

  /** What `argument` may be, given what stands there and what other arguments hold. A server that completes nothing answers
   * with nothing. */
  async complete(
    target: CompletionTarget,
    argument: { readonly name: string; readonly value: string },
    others: Readonly<Record<string, string>>,
    options: NamedCallOptions = {},
  ): Promise<Completion> {
    if (this.client.getServerCapabilities()?.completions === undefined) return { values: [], hasMore: false };
    const ref =
      target.type === "prompt"
        ? ({ type: "ref/prompt", name: target.name } as const)
        : ({ type: "ref/resource", uri: target.uriTemplate } as const);
    const params = { ref, argument: { ...argument }, context: { arguments: { ...others } } };
    const { completion } = await this.send(
      "completion/complete",
      params,
      (said) => CompleteResultSchema.parse(said),
      argument.name,
      options,
    );
    const values = completion.values.slice(0, MOST_VALUES).map((value) => cutText(value, LONGEST_NAME));
    return { values, hasMore: completion.hasMore === true || completion.values.length > MOST_VALUES };
  }

  /** From now on the server's log messages are those of `level` and above. Does nothing for a server that has no log. */
  async setLogLevel(level: LogLevel): Promise<void> {
    if (this.client.getServerCapabilities()?.logging === undefined) return;
    const request = { method: "logging/setLevel", params: { level } } as const;
    await this.request(request, EmptyResultSchema, "logging/setLevel", { safeToRetry: true });
  }

  /** Tells the server that it should ask for the roots again. */
  async rootsChanged(): Promise<void> {
    if (this.options.roots !== undefined) await this.client.sendRootsListChanged();
  }

  async ping(timeoutMs: number): Promise<void> {
    await this.request({ method: "ping" }, EmptyResultSchema, "ping", { timeoutMs, safeToRetry: true });
  }

  /** Ends the connection; every request under way fails with a {@link ServerLostError} that carries `reason`. */
  async close(reason: string): Promise<void> {
    this.lostBecause = reason;
    this.ended = true;
    await this.client.close();
  }

  /** Every item of a list, page by page to the end, within the time of one request. A capability the server has not is an empty
   * list. */
  private async list<S, T>(
    capability: "tools" | "resources" | "prompts",
    method: ListMethod,
    listing: Listing<S, T>,
  ): Promise<T[]> {
    if (this.client.getServerCapabilities()?.[capability] === undefined) return [];
    const field = method === "resources/templates/list" ? "resourceTemplates" : capability;
    const deadline = performance.now() + this.options.timeoutMs;
    let whole = false;
    let cursor: string | undefined;
    for (let pages = 0; pages < MAX_PAGES && !whole; pages++) {
      const params = cursor === undefined ? {} : { cursor };
      const result = await this.listPage({ method, params }, deadline);
      whole = result?.nextCursor === undefined || result.nextCursor === cursor;
      if (!listing.add(asArray(result?.[field]))) {
        whole = false;
        break;
      }
      cursor = result?.nextCursor;
    }
    if (!whole) this.fault(`lists more ${capability} than are taken; the rest is left out`);
    for (const text of listing.faults(capability)) this.fault(text);
    return listing.items;
  }

  /** Undefined if the server, whatever it declared, does not know the method. */
  private async listPage(request: ListRequest, deadline: number): Promise<z.output<typeof page> | undefined> {
    const timeoutMs = Math.max(1, Math.round(deadline - performance.now()));
    try {
      return await this.request(request, page, request.method, { timeoutMs, safeToRetry: true });
    } catch (error) {
      if (error instanceof ServerProtocolError && error.rpcCode === ErrorCode.MethodNotFound) return undefined;
      if (error instanceof CallTimeoutError) {
        throw new CallTimeoutError(this.options.server, request.method, this.options.timeoutMs);
      }
      throw error;
    }
  }

  private async request<S extends z.ZodType>(
    request: ClientRequest,
    schema: S,
    what: string,
    { giveUp, timeoutMs = this.options.timeoutMs, safeToRetry = false, traceparent }: CallOptions,
  ): Promise<z.output<S>> {
    const told = this.announcing(request.method, traceparent);
    const options: RequestOptions = { timeout: timeoutMs, ...(giveUp === undefined ? {} : { signal: giveUp.signal }) };
    try {
      const result = await this.client.request(request, schema, options);
      told("done");
      return result;
    } catch (error) {
      const why = giveUp?.reason ?? this.explain(error, what, { timeoutMs, safeToRetry });
      told(why instanceof BanyanError ? why.code : "crashed");
      throw why;
    }
  }

  /** What is to be called when the request is over. */
  private announcing(method: string, traceparent: string | undefined): (outcome: string) => void {
    const { server } = this.options;
    const started = performance.now();
    return (outcome) => {
      announce({ type: "server_request", server, method, outcome, ms: performance.now() - started, traceparent });
    };
  }

  /** Undefined where that is not known; no call's name where it is about none of them. */
  private callOf(meta: Meta): string | undefined {
    const { taskId } = relatedTask.safeParse(meta).data?.[RELATED_TASK_META_KEY] ?? {};
    const about = this.isExact ? aboutOf(meta) : undefined;
    if (taskId !== undefined) return this.tasks.get(taskId);
    return about === undefined ? undefined : (this.tools.callOf(about) ?? "");
  }

  private explain(error: unknown, what: string, context: { timeoutMs: number; safeToRetry: boolean }): Error {
    const { server } = this.options;
    if (error instanceof McpError && error.code === ErrorCode.RequestTimeout) {
      return new CallTimeoutError(server, what, context.timeoutMs);
    }
    if (error instanceof RemoteError && (error.code === "server_cut" || error.code === "server_unreachable")) {
      return new ServerLostError(server, what, `it ${error.reason}`, context.safeToRetry);
    }
    // The transport's own, also of a handshake, after which the client has let go of the transport.
    if (error instanceof BanyanError && !(error instanceof CallError)) return error;
    if (this.ended || this.client.transport === undefined || error instanceof CallError) {
      return new ServerLostError(server, what, this.lostBecause, context.safeToRetry);
    }
    if (!(error instanceof McpError)) {
      return new ServerProtocolError(`the server "${server}" answered "${what}" against the protocol`, {
        cause: error,
      });
    }
    const text = cutText(error.message.replace(/^(MCP error -?\d+: )+/, ""), LONGEST_REFUSAL);
    return new ServerProtocolError(`the server "${server}" refused "${what}": ${text}`, {
      rpcCode: error.code,
      ...optional({ data: error.data }),
    });
  }

  private fault(text: string): void {
    this.options.onNotification({ type: "fault", text });
  }

  private listen(): void {
    const { client } = this;
    const tell = this.options.onNotification;
    client.onerror = (error) => this.fault(messageOf(error).slice(0, 300));
    client.setNotificationHandler(
      ProgressNotificationSchema,
      ({ params: { progressToken, progress, total, message } }) =>
        this.progress.get(progressToken)?.({ progress, ...optional({ total, message }) }),
    );
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => tell({ type: "tools-changed" }));
    client.setNotificationHandler(ResourceListChangedNotificationSchema, () => tell({ type: "resources-changed" }));
    client.setNotificationHandler(PromptListChangedNotificationSchema, () => tell({ type: "prompts-changed" }));
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
      tell({ type: "resource-updated", uri: params.uri }),
    );
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params: { level, logger, data, _meta } }) =>
      tell({ type: "log", level, data, ...optional({ logger, callId: this.callOf(_meta) || undefined }) }),
    );
    client.setNotificationHandler(ElicitationCompleteNotificationSchema, ({ params: { elicitationId } }) =>
      tell({ type: "elicitation-complete", elicitationId }),
    );
    client.setNotificationHandler(TaskStatusNotificationSchema, ({ params: { taskId, status, statusMessage } }) =>
      tell({ type: "task-status", taskId, status, ...optional({ message: statusMessage }) }),
    );
    client.fallbackNotificationHandler = async ({ method, params }) => tell({ type: "other", method, params });
  }
}

type Meta = Readonly<Record<string, unknown>> | undefined;
type ListMethod = "tools/list" | "resources/list" | "resources/templates/list" | "prompts/list";
interface ListRequest {
  method: ListMethod;
  params: { cursor?: string };
}

function toolResult(said: unknown): z.output<typeof CallToolResultSchema> {
  return isPlainText(said) ? said : CallToolResultSchema.parse(said);
}

/** What nearly every tool answers, and nothing else: the SDK's schema, which takes longer than all else here, would say so too. */
function isPlainText(result: unknown): result is z.output<typeof CallToolResultSchema> {
  if (typeof result !== "object" || result === null || !("content" in result)) return false;
  const { content } = result;
  for (const key in result) if (key !== "content") return false;
  return Array.isArray(content) && content.every(isText);
}

function isText(block: unknown): boolean {
  if (typeof block !== "object" || block === null || !("type" in block && "text" in block)) return false;
  for (const key in block) if (key !== "type" && key !== "text") return false;
  return block.type === "text" && typeof block.text === "string";
}

/** Of what a server says beside a result, what is not between it and us alone. */
function passedMeta({ [RELATED_TASK_META_KEY]: _, ...passed }: NonNullable<Meta>): Meta {
  return Object.keys(passed).length === 0 ? undefined : passed;
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
