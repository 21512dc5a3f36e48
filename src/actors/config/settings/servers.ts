// Settings of one MCP server Banyan starts or connects to.
import { z } from "zod";
import { holdsSecret, isLiteralSecret } from "../literal-secrets.js";
import { hasOnlyReferences, isReference } from "../references.js";
import { choice, duration, list, reference, size, table, text, toggle, whole } from "../setting-types.js";
import { isWebAddress } from "../web-address.js";

export const variables = `a table such as { TOKEN = "\${env:TOKEN}" }`;
export const variable = `a text in which secrets stand as \${env:NAME} or \${file:/PATH}`;
const serverName = 'a name of a-z, 0-9, "_" and "-" that begins with a letter or digit, at most 64 long';
const taken = 'a name, or a pattern such as "read_*"';
const command = 'the program to start, such as "npx"';
const remote = `an address such as "https://host/mcp" without a user name or password; secrets in it stand as \${env:NAME}`;
const headers = `a table such as { Authorization = "Bearer \${env:TOKEN}" }`;
const header = `a text of visible ASCII in which secrets stand as \${env:NAME} or \${file:/PATH}`;
export const oneWay = "either a command, for a program, or a url, for a server elsewhere";
const metadataAddress = 'the address of a client id metadata document, which begins with "https://"';

/** Headers the protocol itself needs. */
const OURS = /^(?:accept|content-(?:length|type)|connection|host|last-event-id|mcp-.*|transfer-encoding|upgrade)$/i;

const secret = () => z.string({ error: reference }).refine(isReference, { error: reference });

const oauth = table(
  {
    client_id: text("the id of a client registered at the server's authorization server", /^[!-~]{1,1000}$/)
      .optional()
      .describe("A client registered by hand; when absent, Banyan registers itself."),
    client_secret: secret().optional().describe("Where that client's secret is found."),
    private_key: secret().optional().describe("Where its key is found, a PEM that proves it instead of a secret."),
    scopes: list(text('scopes such as ["read"]', /^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/), '["read", "write"]')
      .optional()
      .describe("Scopes to ask for besides those the server asks for."),
    grant: choice(["authorization_code", "client_credentials"])
      .optional()
      .describe("Who signs in: the user (authorization_code, the default) or the client itself."),
    client_metadata_url: z
      .string({ error: metadataAddress })
      .refine((value) => isWebAddress(value) && value.startsWith("https:"), { error: metadataAddress })
      .optional()
      .describe("A client id metadata document, where the authorization server takes such."),
    redirect_port: whole(1, 65_535)
      .optional()
      .describe("The port of 127.0.0.1 the browser comes back to, where the registered client needs a fixed one."),
  },
  "Signing in to a server.",
).superRefine(({ grant, client_id, client_secret, private_key }, context) => {
  const proof = client_secret ?? private_key;
  if (grant === "client_credentials" && (client_id === undefined || proof === undefined)) {
    const message = "authorization_code; client_credentials needs a client_id, and a client_secret or a private_key";
    context.addIssue({ code: "custom", path: ["grant"], message, input: grant });
  }
});

const ownTool = z.string().check(z.regex(/^[^\0]{1,200}$/));
const otherTool = 'a tool such as "other.search"';
const fallbacks = 'a table such as { search = "other.search" }';
const costs = "a table such as { index = 8 }";

export const server = table(
  {
    name: text(serverName, /^[a-z0-9][a-z0-9_-]{0,63}$/).meta({
      description: "Its name, the first part of the names of its tools.",
      example: "files",
    }),
    command: text(command, /^[^\0]+$/)
      .optional()
      .meta({ description: "The program to start; or else url.", example: "npx" }),
    args: list(text("a text"), '["-y", "some-server"]').meta({
      description: "Its arguments.",
      example: ["-y", "@modelcontextprotocol/server-filesystem", "."],
    }),
    env: z
      .record(
        z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
        z.string({ error: variable }).refine(hasOnlyReferences, { error: variable }),
        { error: variables },
      )
      .prefault({})
      .meta({
        description: "Environment variables it is given besides the usual ones.",
        example: { TOKEN: `\${env:TOKEN}` },
      }),
    cwd: text("a folder", /^[^\0]+$/)
      .optional()
      .meta({ description: "Folder it is started in; the current one when absent.", example: "/srv/files" }),
    url: z
      .string({ error: remote })
      .refine((value) => isWebAddress(value) && hasOnlyReferences(value) && !holdsSecret(value), { error: remote })
      .optional()
      .meta({ description: 'Address of a server that runs elsewhere, in place of command: url = "https://host/mcp".' }),
    transport: choice(["http", "sse"]).optional().meta({
      description: "How it is spoken to there: http (Streamable HTTP) or sse; when absent http, then sse.",
      example: "http",
    }),
    headers: z
      .record(
        z.string().check(z.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/)),
        z.string({ error: header }).check(z.regex(/^[\x20-\x7e]*$/, { error: header })),
        { error: headers },
      )
      .superRefine((given, context) => {
        for (const [name, value] of Object.entries(given)) {
          const message = OURS.test(name) ? "no header that Banyan sets itself" : header;
          const isFine = hasOnlyReferences(value) && !isLiteralSecret(name, value);
          if (OURS.test(name) || !isFine) context.addIssue({ code: "custom", path: [name], message, input: value });
        }
      })
      .prefault({})
      .meta({
        description: "Headers sent to its address with every request, and to nobody else.",
        example: { Authorization: `Bearer \${env:TOKEN}` },
      }),
    plain_http: toggle()
      .prefault(false)
      .describe("Whether its address may begin with http:// although it is not this machine's."),
    oauth: oauth.optional().meta({
      description: "How it is signed in to at its address, where the server does not say all of it itself.",
      example: { client_id: "banyan", client_secret: `\${env:CLIENT_SECRET}`, scopes: ["read"] },
    }),
    restart: choice(["always", "on-failure", "never"])
      .prefault("on-failure")
      .describe("When it is started again after it ended: always, on-failure or never."),
    max_restarts: whole(0, 1000).prefault(5).describe("Restarts in a row after which it is left alone."),
    restart_delay: duration("10ms", "1h")
      .prefault("1s")
      .describe("Pause before the first restart, a random part of it; it doubles with each, up to thirty times."),
    health_interval: duration("10ms", "24h").prefault("30s").describe("Time between two checks that it still answers."),
    health_timeout: duration("10ms", "24h")
      .prefault("10s")
      .describe("Longest time for the answer to a check; after two unanswered ones it is started again."),
    timeout: duration("10ms", "24h").prefault("30s").describe("Longest time for one request to it."),
    log_level: choice(["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"])
      .optional()
      .meta({
        description: "Least serious of its log messages that it is asked for; when absent, as log.level says.",
        example: "warning",
      }),
    start: choice(["eager", "background", "lazy"])
      .prefault("eager")
      .describe("When: at once, at once without holding up the first answer, or when something of it is needed."),
    idle_stop: duration("1s", "30d")
      .prefault("10m")
      .describe("A lazy server unused for this long is stopped until it is needed again."),
    prewarm: toggle()
      .prefault(false)
      .describe("Whether a lazy server is started at once all the same, without holding up the first answer."),
    allow: list(text(taken, /^[^\0]{1,500}$/), '["read_*"]').meta({
      description:
        "If given, nothing else of it is taken: tools and prompts by name, resources by URI, * for any part.",
      example: ["read_*", "list_*"],
    }),
    deny: list(text(taken, /^[^\0]{1,500}$/), '["delete_*"]').meta({
      description: "What of it is never taken, written likewise.",
      example: ["delete_*"],
    }),
    max_memory: size("1MB", "1024GB").optional().meta({
      description: "Most memory of its processes together; past it, it is started again (on Linux).",
      example: "512MB",
    }),
    max_cpu: whole(1, 100_000).optional().meta({
      description:
        "Most percent of a core over a minute; warned of after one such minute, started again after two (on Linux).",
      example: 80,
    }),
    prefix: choice(["always", "on_conflict", "never"])
      .optional()
      .meta({ description: "As server.prefix, for its tools and prompts alone.", example: "never" }),
    enabled: toggle().prefault(true).describe("Whether it is started at all."),
    concurrency: whole(1, 2000)
      .prefault(64)
      .describe("Calls it is given at a time; more wait, those of each caller in turn."),
    replicas: whole(1, 32).prefault(1).describe("How many of it run; calls are spread over them."),
    balance: choice(["round_robin", "least_latency", "hash"])
      .prefault("round_robin")
      .describe("Which replica gets a call: each in turn, the quickest, or for the same arguments always the same."),
    hedge: z
      .union([toggle(), duration("1ms", "24h")], { error: 'true, false or a time such as "200ms"' })
      .prefault(false)
      .describe("Whether a read-only call that is slow, or has no answer after this time, is sent a second time."),
    fallbacks: z
      .record(ownTool, text(otherTool, /^[A-Za-z0-9_-]+\.[^\0]{1,200}$/), { error: fallbacks })
      .prefault({})
      .meta({
        description: "For its tools, by its own names: another server's tool to call when one cannot be called.",
        example: { search: "other.search" },
      }),
    costs: z
      .record(ownTool, whole(1, 2000), { error: costs })
      .prefault({})
      .meta({
        description: "For its tools, by its own names: how many of its calls one call counts for.",
        example: { index: 8 },
      }),
    hide_after: duration("1s", "24h")
      .prefault("1m")
      .describe("A tool that has failed for this long is left out of lists while nobody may call it."),
  },
  "An MCP server to start or to connect to; one such block for each.",
);
