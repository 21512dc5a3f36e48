// What one client may ask, and how it is answered: the servers' tools, resources and prompts as one server's, out of what the
// Aggregator knows, with every call made by the Router. The half of a session that speaks the SDK's language; it holds the calls
// whose progress the client wants to hear of, and nothing else.

import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  type ServerNotification,
  type ServerRequest,
} from "@modelcontextprotocol/sdk/types.js";
import { again } from "../../actors/again.js";
import type { Ref } from "../../supervision/index.js";
import type { Aggregator, CapabilityChange } from "../client/aggregator.js";
import { UnknownNameError } from "../client/errors.js";
import type { CompletionTarget, NamespacedTool, Prefix, Progress, PromptInfo } from "../client/mcp-types.js";
import type { ResourceCache } from "../client/resource-cache.js";
import type { Router } from "../client/router/router.js";
import { sdkTool } from "../client/sdk-shapes.js";
import { keyOf, type Namespaced } from "../client/server-lists.js";
import type { ServerManager } from "../client/server-manager.js";
import type { ServerWrapper } from "../client/server-wrapper.js";
import type { ProgressWatcher } from "../client/tool-work.js";
import { addressed, exposed, type Located, locate, meant, type Naming, nameNews, namingFor } from "./client-names.js";
import { RESOURCE_NOT_FOUND, Refusal, refusalOf, unknownName } from "./refusals.js";
import { promptAnswer, promptResultAnswer, resourceAnswer, templateAnswer, toolResultAnswer } from "./sdk-answers.js";

/** What is served, for whoever serves it. */
export interface Served {
  readonly servers: Ref<ServerManager>;
  readonly aggregator: Ref<Aggregator>;
  readonly resources: Ref<ResourceCache>;
  readonly router: Router;
  readonly version: string;
  /** Whether clients know things as `server.name`, of servers that have no setting of their own. */
  readonly prefix: Prefix;
  /** Patterns of the names of clients whose names allow no dot. */
  readonly dotless: readonly string[];
}

/** The session a front belongs to; its refs are bound to it. */
export interface FrontHost extends Served {
  /** Names the client among those that call. */
  readonly caller: string;
  readonly progress: Ref<ProgressWatcher>;
  use<T>(ref: Ref<T>): Ref<T>;
  /** Something that whoever runs this should know. */
  warn(text: string): void;
  /** Answers when all progress that was told before has been passed on. */
  caughtUp(): Promise<void>;
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** Wrappers and the ServerManager watch the deadlines of what they are asked. */
const FOREVER = Number.POSITIVE_INFINITY;
const LONGEST_NAME = 4_096;
const INSTRUCTIONS =
  "Many MCP servers as one: a tool is named after its server, as server.tool. A server that is away comes back by itself.";

export class Front {
  readonly server: Server;
  /** How many requests are being answered. */
  running = 0;
  private idle: (() => void)[] = [];
  private calls = 0;
  private readonly hearing = new Map<string, (progress: Progress) => void>();

  constructor(private readonly host: FrontHost) {
    const capabilities = {
      tools: { listChanged: true },
      resources: { listChanged: true },
      prompts: { listChanged: true },
      completions: {},
    };
    this.server = new Server(
      { name: "banyan", title: "Banyan", version: host.version },
      { capabilities, instructions: INSTRUCTIONS },
    );
    this.answerTools();
    this.answerResources();
    this.answerPrompts();
  }

  /** Tells the client once what has changed, each kind of list by the protocol's own word. */
  tellChange(change: CapabilityChange): void {
    if (this.server.getClientVersion() === undefined) return; // it has not asked for anything yet
    const told = (sent: Promise<void>): void => void sent.catch(() => {}); // it is going, and its transport says so
    if (change.tools !== undefined) told(this.server.sendToolListChanged());
    if (change.resources !== undefined || change.templates !== undefined) told(this.server.sendResourceListChanged());
    if (change.prompts !== undefined) told(this.server.sendPromptListChanged());
  }

  /** Tells once, when nothing is being answered any more. */
  whenIdle(tell: () => void): void {
    this.idle.push(tell);
  }

  /** Passes a call's progress on to the client, if it wants it. */
  tellProgress(callId: string, progress: Progress): void {
    this.hearing.get(callId)?.(progress);
  }

  // --- tools -------------------------------------------------------------------------------------------------------------

  private answerTools(): void {
    this.server.setRequestHandler(ListToolsRequestSchema, (_, extra) =>
      this.answering(async () => {
        const tools = await this.known(extra.signal, (aggregator) => aggregator.call.tools(), false);
        const named = this.naming();
        const items = this.exposed(tools);
        return { tools: items.map(({ item, name }) => sdkTool(item, named(name))) };
      }),
    );
    this.server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) =>
      this.answering(async () => toolResultAnswer(await this.callTool(params.name, params.arguments ?? {}, extra))),
    );
  }

  private async callTool(said: string, args: Readonly<Record<string, unknown>>, extra: Extra) {
    const { router, caller } = this.host;
    const callId = `${caller}:${++this.calls}`;
    const progress = this.hearProgress(callId, extra);
    const options = { caller, callId, signal: extra.signal, ...progress };
    try {
      // What was listed with a dot is asked for with one, and needs no list to be found in.
      const name = said.includes(".") ? said : ((await this.toolMeant(said, extra.signal)) ?? said);
      return await router.call(name, args, options);
    } catch (error) {
      if (!(error instanceof UnknownNameError)) throw error;
      const items = this.exposed(await this.host.aggregator.call.tools());
      throw unknownName("tool", said, items.map(({ name }) => name).map(this.naming()));
    } finally {
      if (this.hearing.has(callId)) await this.host.caughtUp();
      this.hearing.delete(callId);
    }
  }

  private async toolMeant(said: string, signal: AbortSignal): Promise<string | undefined> {
    const { prefix } = this.host;
    const now = meant(await this.host.aggregator.call.tools(), said, prefix);
    if (now !== undefined) return now.name;
    return meant(await this.known(signal, (aggregator) => aggregator.call.tools(), false), said, prefix)?.name;
  }

  private hearProgress(callId: string, { _meta, sendNotification }: Extra): { progress?: Ref<ProgressWatcher> } {
    const progressToken = _meta?.progressToken;
    if (progressToken === undefined) return {};
    this.hearing.set(callId, (progress) => {
      const told = sendNotification({ method: "notifications/progress", params: { progressToken, ...progress } });
      void told.catch(() => {}); // nobody is there to hear it
    });
    return { progress: this.host.progress };
  }

  // --- resources ---------------------------------------------------------------------------------------------------------

  private answerResources(): void {
    this.server.setRequestHandler(ListResourcesRequestSchema, (_, extra) =>
      this.answering(async () => {
        const list = await this.known(extra.signal, (aggregator) => aggregator.call.resources());
        return { resources: addressed(list).map(({ item, address }) => resourceAnswer(item, address)) };
      }),
    );
    this.server.setRequestHandler(ListResourceTemplatesRequestSchema, (_, extra) =>
      this.answering(async () => {
        const list = await this.known(extra.signal, (aggregator) => aggregator.call.templates());
        return { resourceTemplates: addressed(list).map(({ item, address }) => templateAnswer(item, address)) };
      }),
    );
    this.server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }, { signal }) =>
      this.answering(async () => {
        const found = await this.located(uri, signal);
        if (found === undefined)
          throw new Refusal(RESOURCE_NOT_FOUND, "there is no such resource; see resources/list", {
            uri: uri.slice(0, LONGEST_NAME),
          });
        const cache = this.host.resources.with({ timeout: FOREVER, signal });
        const parts = await again(() => cache.call.read(found.server, found.uri));
        return { contents: parts.map((part) => (part.uri === found.uri ? { ...part, uri } : part)) };
      }),
    );
  }

  private async located(uri: string, signal: AbortSignal): Promise<Located | undefined> {
    if (uri.length > LONGEST_NAME) return undefined;
    const { aggregator } = this.host;
    const now = locate(uri, await aggregator.call.resources(), await aggregator.call.templates());
    if (now !== undefined) return now;
    const resources = await this.known(signal, (known) => known.call.resources());
    return locate(uri, resources, await aggregator.call.templates());
  }

  // --- prompts -----------------------------------------------------------------------------------------------------------

  private answerPrompts(): void {
    this.server.setRequestHandler(ListPromptsRequestSchema, (_, extra) =>
      this.answering(async () => {
        const prompts = await this.known(extra.signal, (aggregator) => aggregator.call.prompts());
        const named = this.naming();
        const items = this.exposed(prompts);
        return { prompts: items.map(({ item, name }) => promptAnswer(item, named(name))) };
      }),
    );
    this.server.setRequestHandler(GetPromptRequestSchema, ({ params: { name, arguments: args = {} } }, { signal }) =>
      this.answering(async () => {
        const { server, ownName } = await this.promptMeant(name, signal);
        const wrapper = await this.wrapper(server, signal);
        return promptResultAnswer(await wrapper.call.getPrompt(ownName, args));
      }),
    );
    this.server.setRequestHandler(CompleteRequestSchema, ({ params: { ref, argument, context } }, { signal }) =>
      this.answering(async () => {
        const { server, target } =
          ref.type === "ref/prompt"
            ? await this.promptMeant(ref.name, signal).then(
                ({ server, ownName }): Target => ({ server, target: { type: "prompt", name: ownName } }),
              )
            : await this.templateMeant(ref.uri, signal);
        const wrapper = await this.wrapper(server, signal);
        const { values, hasMore } = await wrapper.call.complete(target, argument, context?.arguments ?? {});
        return { completion: { values: [...values], hasMore } };
      }),
    );
  }

  private async promptMeant(said: string, signal: AbortSignal) {
    const prompts = await this.known(signal, (aggregator) => aggregator.call.prompts());
    const found = meant(prompts, said, this.host.prefix);
    if (found !== undefined) return found;
    const items = this.exposed(prompts);
    throw unknownName("prompt", said, items.map(({ name }) => name).map(this.naming()));
  }

  private async templateMeant(address: string, signal: AbortSignal): Promise<Target> {
    const templates = await this.known(signal, (aggregator) => aggregator.call.templates());
    const found = addressed(templates).find((template) => template.address === address)?.item;
    if (found === undefined)
      throw new Refusal(RESOURCE_NOT_FOUND, "there is no such resource template; see resources/templates/list");
    return { server: found.server, target: { type: "template", uriTemplate: keyOf(found) } };
  }

  // --- small things --------------------------------------------------------------------------------------------------------

  /** What all servers offer once those that are on their way, or were never asked, have said it; not `whole`: their tools. */
  private async known<T>(
    signal: AbortSignal,
    ask: (aggregator: Ref<Aggregator>) => Promise<T>,
    whole = true,
  ): Promise<T> {
    const { servers, aggregator } = this.host;
    await again(() => servers.with({ timeout: FOREVER, signal }).call.settled(whole));
    return again(() => ask(aggregator));
  }

  private async wrapper(server: string, signal: AbortSignal): Promise<Ref<ServerWrapper>> {
    const wait = { timeout: FOREVER, signal };
    return this.host.use(await again(() => this.host.servers.with(wait).call.wrapperOf(server))).with(wait);
  }

  /** Each with what it goes by. */
  private exposed<T extends NamespacedTool | Namespaced<PromptInfo>>(list: readonly T[]) {
    const all = exposed(list, this.host.prefix);
    const news = nameNews(all);
    if (news !== undefined) this.host.warn(news);
    return all.items;
  }

  private naming(): Naming {
    return namingFor(this.server.getClientVersion()?.name, this.host.dotless);
  }

  private async answering<T>(answer: () => Promise<T>): Promise<T> {
    this.running++;
    try {
      return await answer();
    } catch (error) {
      throw refusalOf(error);
    } finally {
      // When the answer that follows has been handed to the transport.
      setImmediate(() => this.answered());
    }
  }

  private answered(): void {
    if (--this.running === 0) for (const tell of this.idle.splice(0)) tell();
  }
}

interface Target {
  readonly server: string;
  readonly target: CompletionTarget;
}
