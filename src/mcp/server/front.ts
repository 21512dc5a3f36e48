// What one client may ask: it is greeted here, and its requests are answered by the parts, a file for each subject. A front holds
// who the client is and what it wants to hear of, and nothing else.
import { z } from "zod";
import type { CapabilityChange } from "../client/aggregator.js";
import type { Progress } from "../client/mcp-types.js";
import type { NotificationBatch } from "../client/notification-handler.js";
import { HOW_TO_FIND_TOOLS } from "./banyan-tools.js";
import { ClientAnswers } from "./client-answers.js";
import { followRoots } from "./client-roots.js";
import { FrontDesk, type FrontHost, noParams } from "./front-desk.js";
import { FrontLogging } from "./front-logging.js";
import { FrontPrompts } from "./front-prompts.js";
import { FrontResources } from "./front-resources.js";
import { FrontSubscriptions } from "./front-subscriptions.js";
import { FrontTools } from "./front-tools.js";
import { PROTOCOLS } from "./peer.js";

/** What may be done, as the protocol has it told: each part answers what stands here for it. */
const CAPABILITIES = {
  tools: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  prompts: { listChanged: true },
  completions: {},
  logging: {},
};
const INSTRUCTIONS =
  "Many MCP servers as one: a tool is named after its server, as server.tool. A server that is away comes back by itself.";

const hello = z.object({
  protocolVersion: z.string().max(100),
  capabilities: z.record(z.string(), z.unknown()),
  clientInfo: z.object({ name: z.string().max(1_000), version: z.string().max(1_000) }),
});

export class Front {
  private readonly desk: FrontDesk;
  /** How the client answers what servers ask. */
  readonly answers: ClientAnswers;
  readonly subscriptions: FrontSubscriptions;
  private readonly tools: FrontTools;
  private readonly logging: FrontLogging;

  constructor(private readonly host: FrontHost) {
    this.desk = new FrontDesk(host);
    this.desk.answer("initialize", hello, async (said) => this.greet(said));
    this.desk.answer("ping", noParams, async () => ({}));
    this.answers = new ClientAnswers({
      facts: () => this.desk.client,
      call: (callId) => this.desk.calls.find({ callId }),
      request: (method, params, options) => host.peer.request(method, params, options),
    });
    this.tools = new FrontTools(this.desk, this.answers);
    const resources = new FrontResources(this.desk);
    this.subscriptions = new FrontSubscriptions(this.desk, (uri, signal) => resources.located(uri, signal));
    new FrontPrompts(this.desk);
    this.logging = new FrontLogging(this.desk, (about) => this.desk.calls.find(about));
    followRoots(
      host.peer,
      () => this.desk.client,
      (roots) => host.wish({ roots }),
    );
  }

  /** Tells the client once what has changed, each kind of list by the protocol's own word. */
  tellChange(change: CapabilityChange): void {
    if (this.desk.client === undefined) return; // it has not asked for anything yet
    const { peer } = this.host;
    if (change.tools !== undefined) peer.notify("notifications/tools/list_changed");
    if (change.resources !== undefined || change.templates !== undefined)
      peer.notify("notifications/resources/list_changed");
    if (change.prompts !== undefined) peer.notify("notifications/prompts/list_changed");
  }

  /** What servers said unasked, the oldest first, of which the oldest may be left out. */
  tellNotified({ recorded, leftOut }: NotificationBatch): void {
    if (leftOut > 0) {
      this.logging.tellLeftOut(leftOut);
      this.subscriptions.tellAll();
    }
    for (const { server, notification } of recorded) {
      if (notification.type === "log") this.logging.tell(server, notification);
      else if (notification.type === "resource-updated") this.subscriptions.tell(server, notification.uri);
      else if (notification.type === "elicitation-complete") {
        const { elicitationId } = notification;
        if (this.answers.isDone(server, elicitationId))
          this.host.peer.notify("notifications/elicitation/complete", { elicitationId });
      }
    }
  }

  tellProgress(callId: string, progress: Progress): void {
    this.tools.tellProgress(callId, progress);
  }

  /** A client that asks for a version nobody knows is offered the newest, and goes if it does not know that. */
  private greet({ protocolVersion: wanted, capabilities, clientInfo }: z.infer<typeof hello>): object {
    const protocol = PROTOCOLS.find((version) => version === wanted) ?? PROTOCOLS[0];
    if (!this.host.shared) {
      this.host.peer.protocol = protocol;
      this.desk.client = { ...clientInfo, protocol, capabilities };
      this.host.began(this.desk.client);
    }
    return {
      protocolVersion: protocol,
      capabilities: CAPABILITIES,
      serverInfo: { name: "banyan", title: "Banyan", version: this.host.version },
      instructions: this.host.own.length === 0 ? INSTRUCTIONS : `${INSTRUCTIONS} ${HOW_TO_FIND_TOOLS}`,
    };
  }
}
