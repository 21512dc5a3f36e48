// Settings of what Banyan brings along and runs: its own servers, the tool host, plugins, the catalog.
import { choice, duration, list, size, table, text, toggle, whole } from "../setting-types.js";

export const bundled = table(
  {
    host: toggle().prefault(true).describe("The tool host with the bundled tools."),
    catalog: toggle().prefault(true).describe("The catalog as a server, while it is on: its tools, texts and prompts."),
    demo: toggle().prefault(false).describe("A server that shows progress, questions, updates and crashes on demand."),
  },
  "The servers that come with Banyan.",
);

export const toolhost = table(
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

export const plugins = table(
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

export const catalog = table(
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
