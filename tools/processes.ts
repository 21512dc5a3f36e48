// The user's programs, as the primary sees them: this process sees none but itself.
import { z } from "zod";
import { defineTool } from "./define.js";
import { aligned, expected } from "./support/answers.js";
import { count, formatBytes } from "./support/text.js";

const answer = z.object({
  processes: z.array(
    z.object({
      pid: z.int(),
      parent: z.int(),
      cpuPercent: z.number(),
      rssBytes: z.number(),
      seconds: z.number(),
      command: z.string(),
    }),
  ),
  total: z.int(),
});

export const processes = defineTool({
  name: "processes",
  description:
    "List the running programs of this user, those first that take the most processor (measured over half a second) or memory, or only those whose " +
    "command line contains a text. Use it to find out what slows the machine down or whether a program runs. Secrets in command lines " +
    "are hidden; programs of other users are not listed, and none can be ended with it.",
  input: z.strictObject({
    name: z.string().min(1).max(200).optional().describe("Only programs whose command line contains this"),
    sort: z.enum(["cpu", "memory"]).default("cpu").describe("Which come first"),
    count: z.int().min(1).max(100).default(15).describe("At most this many"),
  }),
  annotations: {
    title: "Processes",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["processes"],
  async handler(args, { ask }) {
    const { processes, total } = expected(answer, await ask("processes.list", args));
    if (processes.length === 0)
      return `(No program of this user has ${JSON.stringify(args.name ?? "")} in its command line.)`;
    const rows = processes.map(({ pid, parent, cpuPercent, rssBytes, seconds, command }) => [
      String(pid),
      String(parent),
      `${cpuPercent} %`,
      formatBytes(rssBytes),
      runningFor(seconds),
      command,
    ]);
    const table = aligned([["PID", "PARENT", "CPU", "MEMORY", "RUNS", "COMMAND"], ...rows]);
    return [table, `(${processes.length} of ${count(total, "process", "processes")}; CPU is of one processor.)`];
  },
});

function runningFor(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
}
