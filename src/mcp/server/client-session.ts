// A ClientSession: one client of ours as a process. All that the client has is this process's: its channel, its calls, what it is
// told of. It ends with its channel, and whatever ends it closes the channel, which cancels the calls that are under way.
// temporary, shutdown at once; it recovers nothing, for a client whose session is gone begins another. Its requests are answered
// beside its mailbox, so a tool that takes long holds up nothing else of the same client.
import { isDeepStrictEqual } from "node:util";
import { again } from "../../actors/again.js";
import { Watching } from "../../actors/watching.js";
import {
  currentRuntime,
  GenServer,
  isDown,
  type Named,
  type NoReply,
  noReply,
  type Ref,
  type Stop,
  send,
  stop,
} from "../../supervision/index.js";
import type { Aggregator, CapabilityChange, CapabilityWatcher } from "../client/aggregator.js";
import type { Wishes } from "../client/client-wishes.js";
import type { ElicitationRequest, Progress, SamplingRequest } from "../client/mcp-types.js";
import type {
  NotificationBatch,
  NotificationBatchWatcher,
  NotificationHandler,
} from "../client/notification-handler.js";
import type { AskedBy, Elicitor } from "../client/questions.js";
import type { ServerManager } from "../client/server-manager.js";
import type { ProgressWatcher } from "../client/tool-work.js";
import { Front } from "./front.js";
import type { ClientFacts, Served } from "./front-desk.js";
import { type Pass, unlimited } from "./gate/gate.js";
import type { Peer } from "./peer.js";

export interface ClientSessionOptions extends Served {
  readonly aggregator: Named<Aggregator>;
  readonly servers: Named<ServerManager>;
  readonly notifications: Named<NotificationHandler>;
  /** Names the session among those that call; unique. */
  readonly id: string;
  /** Not started yet. */
  readonly peer: Peer;
  /** Who it is and how much of them is answered at a time. Absent: a part of this program itself, which nothing limits. */
  readonly pass?: Pass;
  /** Many clients share the session, each for a request alone. */
  readonly shared?: boolean;
  /** Who takes the client's messages in; the session ends with it. */
  readonly owner: Ref<unknown>;
}

/** What servers say that clients hear. */
const HEARD = ["log", "resource-updated", "elicitation-complete"] as const;
/** What comes within so many milliseconds is told together; of more than a hundred messages the oldest are left out. */
const HEARD_MS = 20;
const GONE = "the channel is closed";

export class ClientSession
  extends GenServer<ClientSessionOptions, { readonly client?: string }>
  implements CapabilityWatcher, ProgressWatcher, NotificationBatchWatcher, Elicitor
{
  private front!: Front; // set by init, as is the peer
  private peer!: Peer;
  private servers!: Ref<ServerManager>; // set by init, too
  private wishes: Wishes = {};
  private owner: number | undefined;
  /** Watching the Aggregator has begun once before: what changed in between is not known. */
  private watched = false;
  private readonly watching = new Watching({
    monitor: (ref) => this.monitor(ref),
    demonitor: (id) => this.demonitor(id, { flush: true }),
    send: (message) => send(this.self(), message),
    sendAfter: (ms, message) => void this.sendAfter(ms, message),
  });

  protected override init(options: ClientSessionOptions): void {
    const { id, peer, aggregator, servers, notifications, resources, owner } = options;
    const { shared = false, pass = unlimited() } = options;
    const self = this.self<ClientSession>();
    this.state = {};
    this.peer = peer;
    peer.pass = pass;
    this.servers = this.use(servers);
    this.front = new Front({
      ...options,
      shared,
      pass,
      servers: this.servers,
      aggregator: this.use(aggregator),
      resources: this.use(resources),
      caller: id,
      session: self,
      use: (ref) => this.use(ref),
      monitor: (ref) => this.monitor(ref),
      wish: (wishes) => self.cast.wish(wishes),
      warn: (text) => currentRuntime().report("warning", self, { description: text }),
      caughtUp: async (logs) => {
        if (logs) await again(() => this.use(notifications).call.caughtUp(self));
        await self.call.caughtUp();
      },
      began: (client) => self.cast.began(client),
    });
    peer.onClose = () => send(self, GONE);
    this.signal.addEventListener("abort", () => peer.close(), { once: true });
    this.owner = this.monitor(owner);
    this.watching.begin(aggregator, async () => {
      await this.use(aggregator).call.subscribe(self);
      if (this.watched) this.capabilitiesChanged(anything);
      this.watched = true;
    });
    if (!shared) {
      this.watching.begin(notifications, async () => {
        await this.use(notifications).call.subscribeBatched(self, { categories: HEARD }, HEARD_MS);
      });
      this.watching.begin(servers, async () => {
        if (isDeepStrictEqual(this.wishes, {})) return;
        await this.use(servers).call.wish(self, this.wishes);
      });
    }
    peer.start();
  }

  protected override async handleInfo(message: unknown): Promise<Stop | undefined> {
    if (message === GONE || (isDown(message) && message.id === this.owner)) return stop("normal");
    if (!isDown(message) || !this.front.subscriptions.lost(message.id)) await this.watching.took(message);
    return undefined;
  }

  /** The client has said who it is. */
  began({ name, version }: ClientFacts): void {
    this.state = { client: name };
    this.setLabel(`${name} ${version}`.slice(0, 100));
  }

  /** What the client wants of all servers. */
  wish(wishes: Wishes): void {
    this.wishes = { ...this.wishes, ...wishes };
    this.servers.cast.wish(this.self(), wishes);
  }

  /** Answers once nothing that the client has asked is without an answer. */
  drained(): undefined | NoReply {
    if (this.peer.running === 0) return undefined;
    const from = this.from<undefined>();
    this.peer.whenIdle(() => from.reply(undefined));
    return noReply;
  }

  // --- told by others ------------------------------------------------------------------------------------------------------

  capabilitiesChanged(change: CapabilityChange): void {
    this.front.tellChange(change);
  }

  /** Whether a tool is still the one that was accepted is the business of whoever the client asks. */
  toolsDiffer(): void {}

  toolProgress(callId: string, progress: Progress): void {
    this.front.tellProgress(callId, progress);
  }

  notifiedTogether(batch: NotificationBatch): void {
    this.front.tellNotified(batch);
  }

  elicit(request: ElicitationRequest & AskedBy): NoReply {
    return this.answerLater(this.front.answers.elicit(request));
  }

  sample(request: SamplingRequest & AskedBy): NoReply {
    return this.answerLater(this.front.answers.sample(request));
  }

  elicitationWithdrawn(id: string): void {
    this.front.answers.withdraw(id);
  }

  /** The client takes as long as its user does. */
  private answerLater<T>(answer: Promise<T>): NoReply {
    const from = this.from<T>();
    answer.then(
      (said) => from.reply(said),
      (error: unknown) => from.fail(error),
    );
    return noReply;
  }

  /** To itself: messages are handled in order, so what was cast before has been handled when this is. */
  caughtUp(): void {}
}

const nothingKnown = { added: [], removed: [], changed: [] };
const anything: CapabilityChange = { tools: nothingKnown, resources: nothingKnown, prompts: nothingKnown };
