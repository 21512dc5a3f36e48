// Settings of Banyan as a server of others.
import { z } from "zod";
import { choice, duration, list, size, table, text, toggle, whole } from "../setting-types.js";
import { isConfidential, isWebAddress } from "../web-address.js";

const address = 'an address to listen on, such as "127.0.0.1"';
const clientPattern = 'a name with * for any part, such as "cursor*"';
const hostName = 'a name or address without a port, such as "tools.example.com"';
const webOrigin = 'an origin such as "https://app.example.com"';

const keyScope = "a scope of keys: *, tools, tools:PATTERN, resources, prompts, catalog, manage or metrics";
const KEY_SCOPE = /^(?:\*|tools(?::[^\s\p{C}]{1,200})?|resources|prompts|catalog|manage|metrics)$/u;

const guardAddress = () => {
  const error = 'an address such as "https://login.example.com"; http:// only on this machine';
  return z.string({ error }).refine((value) => isWebAddress(value) && isConfidential(value), { error });
};

const rate = () =>
  text('a rate such as "100/s" or "6000/min", or "unlimited"', /^(?:unlimited|[1-9]\d{0,8}\/(?:s|min|h))$/).optional();

const oauth = table(
  {
    issuer: guardAddress().optional().meta({
      description: "The authorization server whose tokens open this server, besides keys. Absent: keys alone do.",
      example: "https://login.example.com",
    }),
    resource: guardAddress().optional().meta({
      description:
        "The address by which clients know this server, which tokens are made out to. Absent: its own, on this machine.",
      example: "https://tools.example.com/mcp",
    }),
    scopes: list(text(keyScope, KEY_SCOPE), '["tools", "catalog"]', [
      "tools",
      "resources",
      "prompts",
      "catalog",
    ]).describe("What a token opens none of whose own scopes is one of a key's."),
  },
  "Tokens of an authorization server, as OAuth has them.",
);

export const served = table(
  {
    host: text(address, /^[A-Za-z0-9:._-]{1,253}$/)
      .prefault("127.0.0.1")
      .describe(
        "Where banyan serve --http listens. Elsewhere than on this machine's own addresses every client needs a key.",
      ),
    port: whole(0, 65_535).prefault(3700).describe("Its port; 0 takes any that is free."),
    max_clients: whole(1, 10_000).prefault(100).describe("Clients connected over HTTP at most."),
    idle: duration("1s", "30d")
      .prefault("30m")
      .describe("A client that has had no connection open for this long is forgotten."),
    http: toggle()
      .prefault(false)
      .describe("Whether a chat answers over HTTP too, at host and port, for as long as it runs."),
    stdio: toggle()
      .prefault(false)
      .describe("Whether banyan without a terminal and without a message is what banyan serve --stdio is."),
    drain: duration("0ms", "10m").prefault("5s").describe("Time for what is being answered when it is told to stop."),
    ready_timeout: duration("100ms", "1h")
      .prefault("30s")
      .describe("Longest time for which banyan daemon start waits until the daemon is ready."),
    auto_restart: toggle()
      .prefault(true)
      .describe("Whether the daemon is started again when it ends without having been told to."),
    prefix: choice(["always", "on_conflict", "never"])
      .prefault("always")
      .describe(
        "When clients know a tool or prompt as server.name: always, if two servers have the name, or if it is taken already.",
      ),
    stateless: toggle()
      .prefault(false)
      .describe(
        "Whether each request over HTTP stands alone: no sessions, and nothing is told that was not asked for.",
      ),
    sse: toggle()
      .prefault(false)
      .describe("Whether clients that know the protocol of 2024 alone are answered at /sse."),
    resume: duration("0s", "1h")
      .prefault("30s")
      .describe(
        "A call whose stream breaks goes on for this long, for its client to come back to; 0s: it is cancelled.",
      ),
    keep_alive: duration("1s", "1h")
      .prefault("15s")
      .describe("Between signs of life on a stream that has nothing to say."),
    max_message: size("1KB", "256MB").prefault("4MB").describe("Longest message taken from a client."),
    max_batch: whole(1, 10_000).prefault(50).describe("Messages in a batch at most."),
    exposure: choice(["all", "search"])
      .prefault("all")
      .describe(
        "Whether clients are listed all tools, or with search only those by which the rest is found, described and called.",
      ),
    dotless_clients: list(text(clientPattern, /^[^\0]{1,200}$/), '["cursor*"]', [
      "claude*",
      "codex*",
      "cursor*",
      "visual studio code*",
      "windsurf*",
    ]).describe("Clients, by the names they give themselves, whose names allow no dot: to them it is two underscores."),
    hosts: list(text(hostName, /^[A-Za-z0-9:._-]{1,253}$/), '["tools.example.com"]').describe(
      "Other names it is asked by, such as that of a proxy in front of it; whoever comes by them needs a key.",
    ),
    origins: list(text(webOrigin, /^https?:\/\/[a-z0-9.:[\]-]{1,253}$/), '["https://app.example.com"]').describe(
      "Web pages that may ask, besides those of this machine.",
    ),
    oauth: oauth.prefault({}),
    max_connections: whole(1, 100_000)
      .prefault(1_000)
      .describe("Connections over HTTP at most; more are closed at once."),
    in_flight: whole(1, 100_000).prefault(1_000).describe("Requests of clients that are answered at a time."),
    in_flight_session: whole(1, 100_000).prefault(100).describe("Of these, those of one client."),
    queue: whole(0, 100_000).prefault(1_000).describe("Requests that wait for their turn; more are refused."),
    queue_wait: duration("0ms", "10m").prefault("10s").describe("Longest time a request waits for its turn."),
    rate: rate().meta({
      description:
        "Requests of one key: so many at once, and so many again in each such time. Absent: no limit on this machine, 1000/s elsewhere.",
      example: "6000/min",
    }),
    rate_session: rate().meta({
      description: "The same, of one client. Absent: no limit on this machine, 500/s elsewhere.",
      example: "100/s",
    }),
    rate_tool: rate().meta({
      description:
        "The same, of the calls of one tool with one key. Absent: no limit on this machine, 500/s elsewhere.",
      example: "10/s",
    }),
  },
  "Banyan as an MCP server.",
);
