// What all parts of a front share: who the client is, how what it sends is checked, and the ways to the servers. The parts are a file
// for each subject (front-tools.ts, front-resources.ts, front-prompts.ts), and each answers its own methods.
import { z } from "zod";
import { again } from "../../actors/again.js";
import { announce } from "../../actors/telemetry/happenings.js";
import { BanyanError, type Ref } from "../../supervision/index.js";
import { wrongParams } from "../catalog/wrong-params.js";
import type { Aggregator } from "../client/aggregator.js";
import type { Wishes } from "../client/client-wishes.js";
import type { NamespacedTool, Prefix, PromptInfo } from "../client/mcp-types.js";
import type { Elicitor } from "../client/questions.js";
import type { ResourceCache } from "../client/resource-cache.js";
import type { Router } from "../client/router/router.js";
import type { Namespaced } from "../client/server-lists.js";
import type { ServerManager } from "../client/server-manager.js";
import type { ServerWrapper } from "../client/server-wrapper.js";
import type { CallerOptions, ProgressWatcher } from "../client/tool-work.js";
import { exposed, type Naming, nameNews, namingFor } from "./client-names.js";
import type { Pass } from "./gate/gate.js";
import { OpenCalls } from "./open-calls.js";
import type { OwnPrompt } from "./own-prompts.js";
import type { OwnTool } from "./own-tools.js";
import type { IncomingCall, Peer } from "./peer.js";
import { INVALID_PARAMS, Refusal } from "./refusals.js";
import { traceIdOf } from "./trail.js";

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
  /** Tools that are no server's. */
  readonly own: readonly OwnTool[];
  /** Prompts that are no server's. */
  readonly ownPrompts: readonly OwnPrompt[];
  /** Whether all tools are listed, or those alone by which the rest is found. */
  readonly exposure: "all" | "search";
}

/** The session a front belongs to; its refs are bound to it. */
export interface FrontHost extends Served {
  readonly peer: Peer;
  /** Who the client is, and what it may have. */
  readonly pass: Pass;
  /** Names the client among those that call. */
  readonly caller: string;
  /** Many clients that say nothing of themselves share the session, so that nothing is remembered of any. */
  readonly shared: boolean;
  /** Hears of the progress of its calls, and answers what servers ask for them. */
  readonly session: Ref<ProgressWatcher & Elicitor>;
  use<T>(ref: Ref<T>): Ref<T>;
  monitor(ref: Ref<unknown>): number;
  /** What the client wants of all servers. */
  wish(wishes: Wishes): void;
  /** Something that whoever runs this should know. */
  warn(text: string): void;
  /** Answers when all progress that was told before has been passed on; `logs`: and all that servers have logged. */
  caughtUp(logs: boolean): Promise<void>;
  /** The client has said who it is. */
  began(client: ClientFacts): void;
}

/** What a client said of itself when it began. */
export interface ClientFacts {
  readonly name: string;
  readonly version: string;
  /** Agreed on, such as "2025-11-25". */
  readonly protocol: string;
  /** As it declared them; what it did not, it may not be asked for. */
  readonly capabilities: { readonly [name: string]: unknown };
}

/** What came of answering a request, for those who count. */
export interface Done {
  /** What was called, as `server.tool`. */
  tool?: string;
}

/** Wrappers and the ServerManager watch the deadlines of what they are asked. */
export const FOREVER = Number.POSITIVE_INFINITY;
/** Of a name or an address that is looked for. */
export const LONGEST_NAME = 4_096;
/** Of a session's id in the log: enough to tell it by, and too little to take it over. */
const TELLING = 8;

export class FrontDesk {
  /** Undefined until it has begun. */
  client: ClientFacts | undefined;
  /** What it waits for. */
  readonly calls: OpenCalls;

  constructor(readonly host: FrontHost) {
    this.calls = new OpenCalls(host);
  }

  /** Answers a method, its params checked: what does not fit is told with the place of each fault. */
  answer<T>(
    method: string,
    schema: z.ZodType<T>,
    handler: (params: T, call: IncomingCall, done: Done) => Promise<object>,
  ): void {
    const { peer, caller } = this.host;
    const told = caller.slice(0, TELLING);
    peer.handle(method, async (params, call) => {
      const started = performance.now();
      const done: Done = {};
      let outcome = "done";
      try {
        return await handler(checked(method, schema, params), call, done);
      } catch (error) {
        const fault = error instanceof BanyanError ? error.code : error instanceof Refusal ? "refused" : "crashed";
        outcome = call.giveUp.reason === undefined ? fault : "cancelled"; // or its session was gone before
        throw error;
      } finally {
        const { trail } = call;
        announce({
          type: "client_request",
          session: told,
          method,
          outcome,
          ms: performance.now() - started,
          tool: done.tool,
          requestId: trail?.requestId,
          traceId: trail && traceIdOf(trail.traceparent),
        });
      }
    });
  }

  /** What all servers offer once those that are on their way, or were never asked, have said it; not `whole`: their tools. */
  async known<T>(signal: AbortSignal, ask: (aggregator: Ref<Aggregator>) => Promise<T>, whole = true): Promise<T> {
    const { servers, aggregator } = this.host;
    await again(() => servers.with({ timeout: FOREVER, signal }).call.settled(whole));
    return again(() => ask(aggregator));
  }

  async wrapper(server: string, signal: AbortSignal): Promise<Ref<ServerWrapper>> {
    const wait = { timeout: FOREVER, signal };
    return this.host.use(await again(() => this.host.servers.with(wait).call.wrapperOf(server))).with(wait);
  }

  /** Asks a server, which may log and ask meanwhile, and is told when the client wants no answer any more. */
  async asked<T>(
    server: string,
    call: IncomingCall,
    ask: (wrapper: Ref<ServerWrapper>, caller: CallerOptions) => Promise<T>,
  ): Promise<T> {
    const wrapper = await this.wrapper(server, call.signal);
    return this.calls.during(call, server, async (caller) => {
      const cancel = (): void => wrapper.cast.cancel(caller.callId);
      call.signal.addEventListener("abort", cancel, { once: true });
      try {
        return await ask(wrapper, caller);
      } finally {
        call.signal.removeEventListener("abort", cancel);
      }
    });
  }

  /** Each with what this client knows it by. */
  exposed<T extends NamespacedTool | Namespaced<PromptInfo>>(list: readonly T[]) {
    const all = exposed(list, this.host.prefix);
    const news = nameNews(all);
    if (news !== undefined) this.host.warn(news);
    const named = this.naming();
    return all.items.map(({ item, name }) => ({ item, name: named(name) }));
  }

  naming(): Naming {
    return namingFor(this.client?.name, this.host.dotless);
  }
}

/** Params that may be left out, of which none is looked at. Lists are given whole, so that a cursor means nothing. */
export const noParams = z.looseObject({}).optional();

function checked<T>(method: string, schema: z.ZodType<T>, params: unknown): T {
  const result = schema.safeParse(params);
  if (result.success) return result.data;
  const errors = wrongParams(result.error.issues, params, []);
  throw new Refusal(INVALID_PARAMS, `${method}: ${errors[0] ?? "params are not valid"}`, {
    code: "invalid_params",
    validation_errors: errors,
  });
}
