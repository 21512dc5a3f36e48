// Settings of what keeps the app itself in order: limits, storage, log, telemetry, health, pools.
import { z } from "zod";
import { isReference } from "../references.js";
import { choice, duration, list, percent, size, table, text, toggle, webAddress, whole } from "../setting-types.js";
import { isWebAddress } from "../web-address.js";

export const breaker = table(
  {
    failures: whole(1, 1000).prefault(5).describe("Failures in a row after which the model is left alone for a while."),
    reset_after: duration("10ms", "24h").prefault("30s").describe("Time until a probe is let through again."),
    half_open_probes: whole(1, 100).prefault(1).describe("Probes that must succeed before all is well again."),
  },
  "The circuit breaker around the model.",
);

export const limits = table(
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

export const session = table(
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

export const store = table(
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

export const log = table(
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

export const telemetry = table(
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

export const errors = table(
  {
    stray: choice(["stop", "report"])
      .prefault("stop")
      .describe("What an error does that no part answers for: stop the app in order, or only report it and go on."),
  },
  "Errors nobody expected.",
);

const webhook = `an address such as "https://host/path", or a reference such as "\${env:NAME}"`;

export const health = table(
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

export const project = table(
  {
    roots: list(text("a folder", /^[^\0]{1,1000}$/), '["../shared"]').meta({
      description: "Folders besides the one Banyan is started in that servers are told they may work in.",
      example: ["../shared"],
    }),
  },
  "What the conversation is about.",
);

export const startup = table(
  { profile: toggle().prefault(false).describe("Whether a table of what the start took is printed at the end.") },
  "The start.",
);

export const pool = table(
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

export const noPools = { error: "[pools.NAME] tables" };
