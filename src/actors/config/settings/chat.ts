// Settings of the chat: what it tells, what it keeps in context, what it asks before, how it looks.
import { z } from "zod";
import { choice, duration, list, table, text, toggle, whole } from "../setting-types.js";
import { themeChoices } from "../themes.js";

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

export const chat = table(
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

export const context = table(
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

export const approvals = table(
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

export const ui = table(
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
