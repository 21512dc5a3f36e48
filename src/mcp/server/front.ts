// What one client may ask: it is greeted here, and its requests are answered by the parts, a file for each subject. A front holds
// who the client is and what it wants to hear of, and nothing else.
import { z } from "zod";
import type { CapabilityChange } from "../client/aggregator.js";
import type { Progress } from "../client/mcp-types.js";
import { FrontDesk, type FrontHost, noParams } from "./front-desk.js";
import { FrontPrompts } from "./front-prompts.js";
import { FrontResources } from "./front-resources.js";
import { FrontTools } from "./front-tools.js";
import { PROTOCOLS } from "./peer.js";

/** What may be done, as the protocol has it told: each part answers what stands here for it. */
const CAPABILITIES = {
  tools: { listChanged: true },
  resources: { listChanged: true },
  prompts: { listChanged: true },
  completions: {},
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
  private readonly tools: FrontTools;

  constructor(private readonly host: FrontHost) {
    this.desk = new FrontDesk(host);
    this.desk.answer("initialize", hello, async (said) => this.greet(said));
    this.desk.answer("ping", noParams, async () => ({}));
    this.tools = new FrontTools(this.desk);
    new FrontResources(this.desk);
    new FrontPrompts(this.desk);
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
      instructions: INSTRUCTIONS,
    };
  }
}
