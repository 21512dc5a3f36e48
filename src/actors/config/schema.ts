// Every setting: its type, its default and the one line that explains it. The message of each schema is the text that
// follows "allowed:" in an error, so what is checked and what is told cannot drift apart. config.toml in the root of the
// repository is written from this file (document.ts). A setting keeps its name everywhere: in files, in the environment,
// in flags and in code. Times come out in milliseconds, sizes in bytes.
import { z } from "zod";
import { holdsSecret, isLiteralSecret } from "./literal-secrets.js";
import { hasOnlyReferences, isReference } from "./references.js";
import { themeChoices } from "./themes.js";
import { SIZE, TIME, type Unit } from "./units.js";
import { isConfidential, isWebAddress, PLAIN_HTTP } from "./web-address.js";

// This file is read at every start: `check` with several checks makes one schema where a chain of methods makes one each.
export const text = (error: string, pattern = /^[^\0]*$/) => z.string({ error }).check(z.regex(pattern, { error }));

export function choice<const Options extends readonly [string, ...string[]]>(options: Options) {
  const quoted = options.map((option) => `"${option}"`);
  return z.enum(options, { error: quoted.join(", ") });
}

export const toggle = () => z.boolean({ error: "true or false" });

export function whole(least: number, most: number) {
  const error = `a whole number from ${least} to ${most}`;
  return z.number({ error }).check(z.int({ error }), z.gte(least, { error }), z.lte(most, { error }));
}

function amount(unit: Unit, allowed: string, least: string, most: string) {
  const error = `${allowed}, from ${least} to ${most}`;
  const { parse, pattern } = unit;
  const [low = 0, high = 0] = [parse(least), parse(most)];
  return (
    z
      .transform((value: unknown, context) => {
        const parsed = typeof value === "string" || typeof value === "number" ? parse(value) : undefined;
        if (parsed !== undefined && parsed >= low && parsed <= high) return parsed;
        context.issues.push({ code: "custom", message: error, input: value });
        return z.NEVER;
      })
      // What a transformation takes in is not seen from outside, so editors and `config show` are told here.
      .meta({ unit, type: ["string", "integer"], pattern, minimum: low, maximum: high })
  );
}

export const duration = (least: string, most: string) =>
  amount(TIME, 'a time such as "30s" (ms, s, m, h or d), or milliseconds as a number', least, most);
export const size = (least: string, most: string) =>
  amount(SIZE, 'a size such as "256KB" (B, KB, MB or GB), or bytes as a number', least, most);

function list(element: z.ZodString, example: string, standard: readonly string[] = []) {
  const error = `a list such as ${example}, at most 1000 long`;
  return z
    .array(element, { error })
    .max(1000, { error })
    .prefault([...standard]);
}

const table = <Shape extends z.ZodRawShape>(shape: Shape, about: string) =>
  z.strictObject(shape, { error: "a table" }).describe(about);

const webAddress = () => {
  const error = 'an address such as "https://host/v1" without a user name or password';
  return z.string({ error }).refine(isWebAddress, { error });
};

const reference = `a reference, "\${env:NAME}" or "\${file:/PATH}", never the secret itself`;

const modelName = '"anthropic:NAME", "openai:NAME", "ollama:NAME", "local:NAME" or "offline"';
const MODEL_NAME = /^(?:(?:anthropic|openai|ollama|local)(?::[^\s\0]{1,200})?|offline)$/;

const apiKey = (variable: string) =>
  z
    .string({ error: reference })
    .refine(isReference, { error: reference })
    .optional()
    .meta({
      description: `Where the key is found; without this setting the environment's ${variable} is used.`,
      example: `\${env:${variable}}`,
    });

const stallTimeout = (standard: string) =>
  duration("10ms", "1h").prefault(standard).describe("An answer of which nothing arrives for this long is given up.");

const contextWindow = (more = "") =>
  whole(1_000, 100_000_000)
    .optional()
    .meta({ description: `How many tokens its models take at once; found out when absent.${more}`, example: 32_768 });

const providers = table(
  {
    anthropic: table(
      {
        base_url: webAddress().optional().meta({
          description:
            "Address of the Messages API; the environment's ANTHROPIC_BASE_URL, else Anthropic's own, when absent.",
          example: "https://api.anthropic.com/v1",
        }),
        api_key: apiKey("ANTHROPIC_API_KEY"),
        stall_timeout: stallTimeout("60s"),
        context_window: contextWindow(),
      },
      "Anthropic.",
    ).prefault({}),
    openai: table(
      {
        base_url: webAddress().optional().meta({
          description:
            "Address of a compatible API; the environment's OPENAI_BASE_URL, else OpenAI's own, when absent.",
          example: "https://api.openai.com/v1",
        }),
        api_key: apiKey("OPENAI_API_KEY"),
        api: choice(["responses", "chat"]).optional().meta({
          description: "Which API is spoken: responses at OpenAI's own address and chat at any other, when absent.",
          example: "chat",
        }),
        stall_timeout: stallTimeout("60s"),
        context_window: contextWindow(),
      },
      "OpenAI and every API compatible with it.",
    ).prefault({}),
    ollama: table(
      {
        base_url: webAddress().prefault("http://127.0.0.1:11434").describe("Address of the Ollama server."),
        keep_alive: duration("1s", "30d")
          .prefault("10m")
          .describe("How long a model stays loaded after the last answer, and after the chat that chose it has ended."),
        stall_timeout: stallTimeout("5m"),
        context_window: contextWindow(" Ollama is asked to load a model with as much (num_ctx)."),
      },
      "Ollama.",
    ).prefault({}),
  },
  "Where models are reached.",
);

/** What servers may tell without being asked. */
export const toldKinds = [
  "tools-changed",
  "resources-changed",
  "prompts-changed",
  "resource-updated",
  "log",
  "progress",
  "elicitation-complete",
  "task-status",
  "stderr",
  "other",
  "fault",
] as const;

const chat = table(
  {
    system_prompt: text("a text")
      .prefault(
        "You are Banyan, an assistant in a terminal. Use the tools you are given when they help, say plainly what you did, and never invent the result of a tool.",
      )
      .describe("What the model is told before the conversation."),
    max_steps: whole(1, 1000)
      .prefault(25)
      .describe(
        "Rounds of tool calls in one turn after which it asks whether to go on, or stops where nobody can be asked.",
      ),
    turn_tokens: whole(1_000, 1_000_000_000).optional().meta({
      description: "Tokens, sent and written, after which a turn asks whether to go on; no limit when absent.",
      example: 500_000,
    }),
    turn_timeout: duration("10ms", "24h").prefault("10m").describe("Longest time for one turn, tools included."),
    temperature: z
      .number({ error: "a number from 0 to 2" })
      .check(z.gte(0, { error: "a number from 0 to 2" }), z.lte(2, { error: "a number from 0 to 2" }))
      .optional()
      .meta({ description: "How freely the model words its answers; its own default when absent.", example: 0.7 }),
    max_tokens: whole(1, 10_000_000)
      .optional()
      .meta({ description: "Longest answer in tokens; the model's own default when absent.", example: 4096 }),
    thinking: choice(["off", "low", "medium", "high"]).optional().meta({
      description: "How much the model thinks before it answers, if it can; its own default when absent.",
      example: "medium",
    }),
    told: z
      .array(choice(toldKinds), { error: `a list of ${toldKinds.map((kind) => `"${kind}"`).join(", ")}` })
      .max(toldKinds.length, { error: "each at most once" })
      .prefault(["resource-updated", "elicitation-complete", "log"])
      .describe(
        "What of that which servers tell unasked is said as it comes: of a log the serious part, of resources those subscribed to.",
      ),
  },
  "The conversation.",
);

const context = table(
  {
    max_tokens: whole(1_000, 100_000_000).optional().meta({
      description:
        "Most tokens of a request and its answer, also of a model that takes more; what it takes when absent.",
      example: 100_000,
    }),
    reserve: whole(0, 10_000_000)
      .prefault(8_192)
      .describe("Tokens kept free for the answer; never more than a quarter of what the model takes."),
    strategy: choice(["compact", "truncate", "none"])
      .prefault("compact")
      .describe(
        "What becomes of older messages when the room is used up: compact (summarised), truncate (left out), none.",
      ),
    compact_at: whole(10, 100).prefault(80).describe("Percent of the room that is used when that happens."),
  },
  "How much of the conversation the model is sent.",
);

const toolPattern = 'a tool name with * for any part, such as "files.read_*"';

const approvals = table(
  {
    // The standard ones touch neither files nor the network, so that a first question needs no permission.
    allow: list(text(toolPattern, /^[A-Za-z0-9*][A-Za-z0-9_.*/-]{0,127}$/), '["files.read_*"]', [
      "host.calculate",
      "host.current_time",
    ]).describe("Tools that run without asking; * stands for any part of a name."),
    allow_read_only: toggle()
      .prefault(false)
      .describe("Whether tools that declare themselves read-only run without asking."),
  },
  "Which tool calls wait for a yes.",
);

const breaker = table(
  {
    failures: whole(1, 1000).prefault(5).describe("Failures in a row after which the model is left alone for a while."),
    reset_after: duration("10ms", "24h").prefault("30s").describe("Time until a probe is let through again."),
    half_open_probes: whole(1, 100).prefault(1).describe("Probes that must succeed before all is well again."),
  },
  "The circuit breaker around the model.",
);

const ui = table(
  {
    theme: choice(themeChoices)
      .prefault("auto")
      .describe("Colours; auto: dark or light, as the terminal tells its background."),
    show_tokens: toggle()
      .prefault(true)
      .describe("Whether the status line says how many tokens the conversation took."),
    show_cost: toggle().prefault(true).describe("Whether it says what they cost, where the prices are known."),
    show_timestamps: toggle().prefault(false).describe("Whether the time stands behind what you sent."),
    screen_reader: toggle()
      .prefault(false)
      .describe("Whether all is printed line by line, in words and without drawing, as screen readers want it."),
    history_size: whole(0, 100_000).prefault(1000).describe("How many lines of input are remembered."),
  },
  "The screen.",
);

const limits = table(
  {
    tool_result: size("1KB", "64MB").prefault("256KB").describe("Most of a tool's result that the model is given."),
    line: size("64KB", "256MB").prefault("32MB").describe("Longest message taken from a server."),
    resource_age: duration("10ms", "30d")
      .prefault("5m")
      .describe("Longest time for which what a resource said is taken from memory."),
    mentions: whole(0, 100).prefault(20).describe("Most @mentions of one message that are read."),
    attachment_size: size("1KB", "64MB").prefault("1MB").describe("Largest text that goes with a message."),
    image_size: size("1KB", "64MB")
      .prefault("3MB")
      .describe("Largest image that a model is given; the APIs of most refuse more than about 4 MB."),
    server_start: duration("10ms", "1h")
      .prefault("10s")
      .describe("Longest time the first answer waits for servers that start; a slower one comes in later."),
    url_timeout: duration("10ms", "10m").prefault("10s").describe("Longest time for reading a mentioned page."),
    mention_timeout: duration("10ms", "10m")
      .prefault("30s")
      .describe("Longest time for reading what is mentioned of a server."),
  },
  "How much is taken at once, and how long it is kept.",
);

const session = table(
  {
    window_messages: whole(100, 100_000)
      .prefault(2_000)
      .describe(
        "Most messages of the conversation in memory and before the model; older ones are read when looked at.",
      ),
    window_size: size("1MB", "1GB").prefault("8MB").describe("Most of them in memory, by size."),
  },
  "The conversation.",
);

const store = table(
  {
    warn_size: size("1MB", "1024GB").prefault("100MB").describe("Past this size of the database the user is told."),
    max_size: size("1MB", "1024GB")
      .prefault("500MB")
      .describe("Past this size the oldest notifications of servers are removed, and nothing else ever is."),
    backups_kept: whole(0, 1000).prefault(7).describe("How many daily backups are kept; 0 makes none."),
    backup_interval: duration("1m", "30d").prefault("1d").describe("Time after which the next backup is made."),
  },
  "The database.",
);

const log = table(
  {
    level: choice(["debug", "info", "warn", "error"])
      .prefault("info")
      .describe("Least serious entries that are written."),
    sinks: z
      .array(choice(["stderr", "stderr-pretty"]), { error: 'a list of "stderr" and "stderr-pretty"' })
      .max(2, { error: "each at most once" })
      .prefault([])
      .describe("Where else than in its files the log is written: stderr as JSON lines, stderr-pretty for people."),
    rate: whole(1, 1_000_000)
      .prefault(200)
      .describe("Most debug and info entries a second; the rest is counted. Warnings and errors are always written."),
  },
  "The log.",
);

const telemetry = table(
  {
    otlp_endpoint: webAddress().optional().meta({
      description: "Address of an OpenTelemetry collector that takes traces over OTLP/HTTP; none are sent when absent.",
      example: "http://127.0.0.1:4318",
    }),
    sample_ratio: z
      .number({ error: "a number from 0 to 1" })
      .check(z.gte(0, { error: "a number from 0 to 1" }), z.lte(1, { error: "a number from 0 to 1" }))
      .prefault(1)
      .describe("The part of traces that is sent."),
  },
  "Traces.",
);

const errors = table(
  {
    stray: choice(["stop", "report"])
      .prefault("stop")
      .describe("What an error does that no part answers for: stop the app in order, or only report it and go on."),
  },
  "Errors nobody expected.",
);

const percent = (least: number, most: number) => {
  const error = `a number of percent from ${least} to ${most}`;
  return z.number({ error }).check(z.gte(least, { error }), z.lte(most, { error }));
};

const webhook = `an address such as "https://host/path", or a reference such as "\${env:NAME}"`;

const health = table(
  {
    poll_interval: duration("100ms", "1h").prefault("5s").describe("Pause between two looks at how everything is."),
    poll_timeout: duration("10ms", "1m")
      .prefault("2s")
      .describe("A part that does not say how it is within this is not well."),
    critical: list(text("a name as banyan tree shows it", /^[^\0]{1,100}$/), '["Store", "Chat"]', [
      "Config",
      "Store",
      "Session",
      "Chat",
    ]).describe("Parts that must be well for Banyan to be ready."),
    rss_warn: size("1MB", "1024GB")
      .prefault("1GB")
      .describe("Memory of Banyan itself, its servers not counted, to warn of."),
    rss_error: size("1MB", "1024GB").prefault("2GB").describe("The same, as an error."),
    heap_warn: percent(1, 100).prefault(80).describe("Percent of the largest JavaScript heap to warn of."),
    heap_error: percent(1, 100).prefault(95).describe("The same, as an error."),
    mailbox_warn: whole(1, 100_000_000).prefault(1000).describe("Messages waiting for one part to warn of."),
    mailbox_error: whole(1, 100_000_000).prefault(10_000).describe("The same, as an error."),
    loop_delay_warn: duration("10ms", "1h")
      .prefault("500ms")
      .describe("Time the event loop is held up, at two looks in a row, to warn of."),
    gc_pause_warn: duration("10ms", "1h")
      .prefault("200ms")
      .describe("Pause of the garbage collector, at two looks in a row, to warn of."),
    restarts_warn: whole(1, 1000).prefault(3).describe("Restarts of one part within restarts_window to warn of."),
    restarts_window: duration("1s", "24h").prefault("1m").describe("Time over which restarts are counted."),
    error_budget: percent(0.001, 100)
      .prefault(0.1)
      .describe("Percent of calls (of tools, of the model, turns) that may fail."),
    budget_window: duration("1s", "7d").prefault("1h").describe("Time over which calls are counted."),
    budget_min_calls: whole(1, 1_000_000_000)
      .prefault(5000)
      .describe("Fewer calls are judged as if there had been this many, so that a few failures are no outage."),
    alert_command: list(text("a text"), '["notify-send", "Banyan", "{summary}"]').describe(
      "Program that is told of alerts, as JSON on its stdin; {summary} in an argument is the alert in one line.",
    ),
    alert_webhook: z
      .string({ error: webhook })
      .refine((value) => isReference(value) || isWebAddress(value), { error: webhook })
      .optional()
      .meta({ description: "Address that alerts are posted to as JSON.", example: `\${env:ALERT_WEBHOOK}` }),
    alert_timeout: duration("10ms", "10m").prefault("10s").describe("Longest time for telling one alert."),
    alert_interval: duration("10ms", "24h")
      .prefault("1m")
      .describe("Least time between two alerts told; what comes meanwhile is told together."),
  },
  "What counts as well, and who is told when it is not.",
);

const project = table(
  {
    roots: list(text("a folder", /^[^\0]{1,1000}$/), '["../shared"]').meta({
      description: "Folders besides the one Banyan is started in that servers are told they may work in.",
      example: ["../shared"],
    }),
  },
  "What the conversation is about.",
);

const startup = table(
  { profile: toggle().prefault(false).describe("Whether a table of what the start took is printed at the end.") },
  "The start.",
);

const bundled = table(
  {
    host: toggle().prefault(true).describe("The tool host with the bundled tools."),
    catalog: toggle().prefault(true).describe("The catalog as a server, while it is on: its tools, texts and prompts."),
    demo: toggle().prefault(false).describe("A server that shows progress, questions, updates and crashes on demand."),
  },
  "The servers that come with Banyan.",
);

const toolhost = table(
  {
    call_timeout: duration("100ms", "1h")
      .prefault("30s")
      .describe("Longest time of a call of a tool of the host; progress begins it anew."),
    max_memory: size("64MB", "64GB")
      .prefault("512MB")
      .describe("Memory above which a process that runs tools is ended and started again."),
    spare: toggle().prefault(true).describe("Whether a second process of each kind stands ready for when one hangs."),
    restarts: whole(1, 100)
      .prefault(5)
      .describe("After so many failed starts in a row the dynamic tools are rolled back to the last that ran well."),
    healthy_after: duration("100ms", "1d")
      .prefault("30s")
      .describe("Time without trouble after which tools have run well and failed starts are forgotten."),
  },
  "The processes that run the bundled tools and those made at run time.",
);

const plugins = table(
  {
    folders: list(text("a folder", /^[^\0]{1,1000}$/), '["plugins"]', ["plugins"]).describe(
      "Folders whose folders may be plugins; those beginning with / or ~/ are yours and need no approval.",
    ),
    drain: duration("0ms", "10m")
      .prefault("5s")
      .describe("Time for the calls under way of a plugin that has changed, before it is started anew."),
    findings: choice(["warn", "block"])
      .prefault("warn")
      .describe("What is done about code of a plugin that looks dangerous: it is told, or the plugin is not started."),
  },
  "Plugins: programs with tools, each in its own process.",
);

const catalog = table(
  {
    enabled: toggle().prefault(true).describe("Whether it answers at all."),
    roots: list(text("a folder", /^[^\0]{1,1000}$/), '["."]', ["."]).describe(
      "Folders with plugins, a .claude or an agent-registry.yml.",
    ),
    cache_ttl: duration("10ms", "30d")
      .prefault("5m")
      .describe("Longest time for which an answer is taken from memory; of patterns twice as long."),
    reindex_interval: duration("1m", "30d")
      .prefault("1h")
      .describe("Time after which all files are looked at again; changes are seen as they happen."),
    max_log_rows: whole(0, 100_000_000)
      .prefault(100_000)
      .describe("Queries kept in the log, the newest; 0 keeps none."),
  },
  "The index of agents, skills, workflows, tools and patterns.",
);

const address = 'an address to listen on, such as "127.0.0.1"';
const clientPattern = 'a name with * for any part, such as "cursor*"';
const hostName = 'a name or address without a port, such as "tools.example.com"';
const webOrigin = 'an origin such as "https://app.example.com"';
const rate = () =>
  text('a rate such as "100/s" or "6000/min", or "unlimited"', /^(?:unlimited|[1-9]\d{0,8}\/(?:s|min|h))$/).optional();

const served = table(
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

const pool = table(
  {
    url: webAddress().meta({
      description: "The server, as https://host or http://host:port; what follows is not used.",
      example: "https://api.openai.com",
    }),
    min: whole(0, 100).prefault(0).describe("Connections kept open at least."),
    max: whole(1, 1000).prefault(8).describe("Connections open at most, each for one request at a time."),
    idle: duration("10ms", "1h").prefault("30s").describe("A connection unused for this long is closed."),
    queue: whole(0, 100_000).prefault(100).describe("Requests that wait for a connection at most."),
    health_path: text("a path such as /health", /^\/[!-~]{0,1000}$/)
      .optional()
      .meta({ description: "A path asked for at intervals to see whether the server is well.", example: "/v1/models" }),
    health_interval: duration("10ms", "24h").prefault("30s").describe("Time between two such questions."),
  },
  "HTTP connections to one server; a table for each, under a name of its own.",
);

const price = () => {
  const error = "a number from 0 to 100000";
  return z.number({ error }).check(z.gte(0, { error }), z.lte(100_000, { error }));
};

const priceOf = table(
  {
    model: text(modelName, MODEL_NAME).meta({ description: "The model it is the price of.", example: "openai:gpt-5" }),
    input: price().meta({ description: "Dollars for a million tokens that are sent.", example: 1.25 }),
    output: price().meta({
      description: "Dollars for a million tokens that are written, thoughts included.",
      example: 10,
    }),
    cache_read: price().optional().meta({
      description: "Dollars for a million tokens sent that the provider had in its cache; as input when absent.",
      example: 0.125,
    }),
    cache_write: price().optional().meta({
      description: "Dollars for a million tokens sent that it puts into its cache; as input when absent.",
      example: 1.25,
    }),
  },
  "What a model costs; a table for each, under a name of its own. No price is known without one.",
);

const noPrices = { error: "[prices.NAME] tables" };

const tableName = z.string().check(z.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/));
const noPools = { error: "[pools.NAME] tables" };

export const variables = `a table such as { TOKEN = "\${env:TOKEN}" }`;
export const variable = `a text in which secrets stand as \${env:NAME} or \${file:/PATH}`;
const serverName = 'a name of a-z, 0-9, "_" and "-" that begins with a letter or digit, at most 64 long';
const taken = 'a name, or a pattern such as "read_*"';
const command = 'the program to start, such as "npx"';
const remote = `an address such as "https://host/mcp" without a user name or password; secrets in it stand as \${env:NAME}`;
const headers = `a table such as { Authorization = "Bearer \${env:TOKEN}" }`;
const header = `a text of visible ASCII in which secrets stand as \${env:NAME} or \${file:/PATH}`;
const oneWay = "either a command, for a program, or a url, for a server elsewhere";
/** Headers the protocol itself needs. */
const metadataAddress = 'the address of a client id metadata document, which begins with "https://"';
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

const server = table(
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

const sections = {
  model: text(modelName, MODEL_NAME).optional().meta({
    description:
      "The model, as provider:name; when absent, by the keys in the environment and the servers on this machine.",
    example: "openai:gpt-5",
  }),
  fallback: list(text(modelName, MODEL_NAME), '["ollama:llama3.2", "offline"]').describe(
    "Models that answer in its place, the first that can, while it fails or is left alone.",
  ),
  providers: providers.prefault({}),
  chat: chat.prefault({}),
  context: context.prefault({}),
  approvals: approvals.prefault({}),
  breaker: breaker.prefault({}),
  ui: ui.prefault({}),
  limits: limits.prefault({}),
  session: session.prefault({}),
  store: store.prefault({}),
  log: log.prefault({}),
  telemetry: telemetry.prefault({}),
  errors: errors.prefault({}),
  health: health.prefault({}),
  project: project.prefault({}),
  startup: startup.prefault({}),
  bundled: bundled.prefault({}),
  toolhost: toolhost.prefault({}),
  plugins: plugins.prefault({}),
  catalog: catalog.prefault({}),
  server: served.prefault({}),
};

const onlyBlocks = { error: "[[servers]] blocks in a configuration file" };

/** All layers together. */
export const configSchema = table(
  {
    ...sections,
    pools: z
      .record(tableName, pool, noPools)
      .superRefine((pools, context) => {
        for (const [name, { min, max }] of Object.entries(pools)) {
          if (min > max)
            context.addIssue({ code: "custom", path: [name, "min"], message: `at most its max, ${max}`, input: min });
        }
      })
      .prefault({}),
    prices: z.record(tableName, priceOf, noPrices).prefault({}),
    servers: z
      .array(server, onlyBlocks)
      .superRefine((servers, context) => {
        for (const [index, { command, url, plain_http }] of servers.entries()) {
          const wrong = (field: string, message: string, input: unknown) =>
            context.addIssue({ code: "custom", path: [index, field], message, input });
          if ((command === undefined) === (url === undefined))
            wrong(url === undefined ? "command" : "url", oneWay, url);
          else if (url !== undefined && !plain_http && !isConfidential(url)) wrong("url", PLAIN_HTTP, url);
        }
      })
      .prefault([])
      .describe("MCP servers to start or to connect to."),
  },
  "Banyan's settings.",
);

/** One layer alone: it may change a server, a pool or a price that another layer declares, so only the name of each is required. */
export const layerSchema = configSchema.extend({
  pools: z
    .record(tableName, pool.partial({ url: true }), noPools)
    .refine((pools) => Object.keys(pools).length <= 50, { error: "at most 50 [pools.NAME] tables" })
    .prefault({}),
  prices: z
    .record(tableName, priceOf.partial({ model: true, input: true, output: true }), noPrices)
    .refine((prices) => Object.keys(prices).length <= 200, { error: "at most 200 [prices.NAME] tables" })
    .prefault({}),
  servers: z
    .array(server, onlyBlocks)
    .max(200, { error: "at most 200 [[servers]] blocks" })
    .superRefine((servers, context) => {
      const names = new Set<string>();
      for (const [index, { name }] of servers.entries()) {
        if (names.has(name))
          context.addIssue({ code: "custom", path: [index, "name"], message: "a name only once in a file" });
        names.add(name);
      }
    })
    .prefault([]),
});

type Checked = z.output<typeof configSchema>;

/** A configured server. `approved` is false while the user has not yet approved the project's file that declares or changes it. */
export type ServerConfig = Checked["servers"][number] & { readonly approved: boolean };

/** The effective settings: plain data, times in milliseconds, sizes in bytes, secrets still as references. */
/** As they are written: what has a default may be left out, times and sizes may be texts. */
export type SettingsInput = z.input<typeof configSchema>;
export type Settings = Omit<Checked, "servers"> & { readonly servers: readonly ServerConfig[] };

/** A place in the settings: names of tables and keys, and numbers for the blocks of an array. */
export type Path = readonly (string | number)[];

/** The schema without what only says that it may be absent. */
export function required(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) inner = inner.unwrap();
  return inner;
}

/** The schema of a setting or of a table, or undefined where the path leads nowhere. */
export function schemaAt(path: Path): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = configSchema;
  for (const step of path) {
    const outer: z.core.$ZodType | undefined = schema && required(schema);
    if (outer instanceof z.ZodRecord && typeof step === "string") schema = outer.valueType;
    else if (typeof step === "string") schema = settingsIn(outer)[step];
    else if (outer instanceof z.ZodArray && typeof step === "number") schema = outer.element;
    else return undefined;
  }
  return schema && required(schema);
}

/** The schema of each table of a setting that is tables under names of the user's choice. */
export function tablesIn(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  return schema instanceof z.ZodRecord && schema.valueType instanceof z.ZodObject ? schema.valueType : undefined;
}

/** The settings and tables directly in a table, by name; none for anything that is not a table of settings. */
export function settingsIn(schema: z.core.$ZodType | undefined): Readonly<Record<string, z.core.$ZodType | undefined>> {
  // Without a prototype, so that a key named "constructor" finds nothing.
  return Object.assign(Object.create(null), schema instanceof z.ZodObject ? schema.shape : {});
}
