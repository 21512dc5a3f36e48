// Two resources that change: a clock, every second while somebody is subscribed, and a counter, whenever it is counted up.
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { McpError, SubscribeRequestSchema, UnsubscribeRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const CLOCK = "demo://clock";
const COUNTER = "demo://counter";
const TICK_MS = 1_000;
const RESOURCE_NOT_FOUND = -32002; // MCP's code, which the SDK's ErrorCode lacks

export interface Counter {
  /** Counts up and tells the subscribers; returns the new value. */
  add(by: number): number;
}

export function addResources(server: McpServer): Counter {
  const subscribed = new Set<string>();
  let value = 0;
  let ticking: NodeJS.Timeout | undefined;

  const text = (uri: string, content: string) => ({ contents: [{ uri, mimeType: "text/plain", text: content }] });
  server.registerResource(
    "clock",
    CLOCK,
    { title: "Clock", description: "The time now; updates every second while subscribed", mimeType: "text/plain" },
    () => text(CLOCK, new Date().toISOString()),
  );
  server.registerResource(
    "counter",
    COUNTER,
    { title: "Counter", description: "How far the counter tool has counted", mimeType: "text/plain" },
    () => text(COUNTER, String(value)),
  );

  const updated = (uri: string) => {
    if (!subscribed.has(uri)) return;
    server.server.sendResourceUpdated({ uri }).catch(() => {}); // the client is gone, and soon this process is
  };
  const checked = (uri: string): string => {
    if (uri === CLOCK || uri === COUNTER) return uri;
    throw new McpError(RESOURCE_NOT_FOUND, `There is no resource ${uri}; there are ${CLOCK} and ${COUNTER}.`);
  };
  server.server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    subscribed.add(checked(params.uri));
    if (subscribed.has(CLOCK)) ticking ??= setInterval(() => updated(CLOCK), TICK_MS);
    return {};
  });
  server.server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    subscribed.delete(checked(params.uri));
    if (!subscribed.has(CLOCK)) {
      clearInterval(ticking);
      ticking = undefined;
    }
    return {};
  });

  return {
    add(by) {
      value += by;
      updated(COUNTER);
      return value;
    },
  };
}
