// Chaos for the conversation: the built program in a real terminal, driven by keys, with a scripted model and a real MCP server, is
// stopped at each step of one conversation, where something is killed: a process of the tree, a server, the model's connection or the
// whole program. Then the conversation goes on to its end as its user would take it there. Its transcript must be that of the run
// that nobody disturbed, no tool may run twice but with a yes to just that, the screen shows everything once, and the user is told
// in one line what was recovered.
//   npm run chaos:chat [-- --step 'tool running' --victim Chat --jobs 2 --json]     (npm run build first; needs tmux)
import { parseArgs } from "node:util";
import { hasTmux } from "../test/support/tmux.js";
import { type Outcome, runCell } from "./chaos-chat-cell.js";
import { nothingToKill, type Step, steps, type Victim, victims } from "./chaos-chat-steps.js";

const { values } = parseArgs({
  options: {
    step: { type: "string", multiple: true },
    victim: { type: "string", multiple: true },
    jobs: { type: "string", default: "2" },
    json: { type: "boolean", default: false },
  },
});
const chosenSteps = steps.filter(({ name }) => values.step?.includes(name) ?? true);
const chosenVictims = victims.filter((victim) => values.victim?.includes(victim) ?? true);
const jobs = Number(values.jobs);
if (chosenSteps.length === 0 || chosenVictims.length === 0 || !(jobs >= 1)) {
  console.error(`Steps: ${steps.map(({ name }) => name).join(", ")}. Victims: ${victims.join(", ")}. Jobs: 1 or more.`);
  process.exit(2);
}
if (!hasTmux) {
  console.error("It needs tmux; install it first.");
  process.exit(2);
}

interface Result {
  readonly step: string;
  readonly victim: string;
  readonly outcome: "ok" | "asked" | "miss" | "-";
  readonly problems: readonly string[];
}

const undisturbed = await runCell({ name: "undisturbed", shows: "Run count.write?" }, undefined);
const results: Result[] = [];
const cells = chosenSteps.flatMap((step) => chosenVictims.map((victim) => ({ step, victim })));
const work = cells.values();
await Promise.all(
  Array.from({ length: jobs }, async () => {
    for (const { step, victim } of work) results.push(await resultOf(step, victim));
  }),
);

async function resultOf(step: Step, victim: Victim): Promise<Result> {
  const cell = { step: step.name, victim };
  if (nothingToKill(step, victim)) return { ...cell, outcome: "-", problems: [] };
  const problems = await runCell(step, victim).then(problemsOf, (error: unknown) => [String(error)]);
  if (typeof problems === "number") return { ...cell, outcome: problems > 0 ? "asked" : "ok", problems: [] };
  return { ...cell, outcome: "miss", problems };
}

/** Or how often the user was asked, where there is none. */
function problemsOf({ transcript, asked, problems }: Outcome): readonly string[] | number {
  const found = [...problems];
  if (transcript !== undisturbed.transcript) found.push(`the transcript is another one: ${transcript}`);
  return found.length > 0 ? found : asked;
}

const misses = [
  ...undisturbed.problems.map((problem) => ({ step: "-", victim: "nobody", problems: [problem] })),
  ...results.filter(({ outcome }) => outcome === "miss"),
];
if (values.json)
  console.log(JSON.stringify({ undisturbed: JSON.parse(undisturbed.transcript), results, misses }, null, 2));
else {
  const row = (first: string, others: readonly string[]) =>
    console.log([first.padEnd(22), ...others.map((text) => text.padEnd(14))].join("").trimEnd());
  row("", chosenVictims);
  for (const { name } of chosenSteps) {
    const of = (victim: Victim) => results.find((result) => result.step === name && result.victim === victim);
    row(
      name,
      chosenVictims.map((victim) => of(victim)?.outcome ?? ""),
    );
  }
}
for (const { step, victim, problems } of misses) console.error(`${step}, ${victim}: ${problems.join("\n  ")}`);
process.exitCode = misses.length === 0 ? 0 : 1;
