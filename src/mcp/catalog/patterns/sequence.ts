// Whether a pattern can be followed at all: every name is one of the sequence, nobody waits for himself in a circle, and who runs
// together with somebody does not wait for him.
import { CatalogError } from "../catalog-error.js";

export interface Sequence {
  readonly agent_sequence: readonly string[];
  /** For each agent, those that must have ended before. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
  /** One after another; those of a group at the same time. */
  readonly parallel_groups: readonly (readonly string[])[];
}

/** What is wrong with it, in one sentence; undefined when it can be followed. */
export function sequenceFault(sequence: Sequence): CatalogError | undefined {
  const fault = namesFault(sequence) ?? circleFault(sequence) ?? groupsFault(sequence);
  if (fault === undefined) return undefined;
  return new CatalogError("invalid_params", fault.message, [fault]);
}

interface Fault {
  readonly path: string;
  readonly message: string;
}

function namesFault({ agent_sequence, dependencies, parallel_groups }: Sequence): Fault | undefined {
  const twice = repeated(agent_sequence);
  if (twice !== undefined)
    return { path: "agent_sequence", message: `agent_sequence has ${twice} twice; give each step a name of its own.` };
  const known = new Set(agent_sequence);
  const strangerIn = (names: readonly string[]): string | undefined => names.find((name) => !known.has(name));
  const mend = "which is not in agent_sequence; add it there or leave it out.";
  for (const [agent, before] of Object.entries(dependencies)) {
    const stranger = strangerIn([agent, ...before]);
    if (stranger !== undefined) return { path: "dependencies", message: `dependencies names ${stranger}, ${mend}` };
  }
  const stranger = strangerIn(parallel_groups.flat());
  if (stranger !== undefined) return { path: "parallel_groups", message: `parallel_groups names ${stranger}, ${mend}` };
  const again = repeated(parallel_groups.flat());
  if (again === undefined) return undefined;
  return { path: "parallel_groups", message: `parallel_groups has ${again} twice; leave it in one group.` };
}

function circleFault({ agent_sequence, dependencies }: Sequence): Fault | undefined {
  const done = new Set<string>();
  const visit = (agent: string, way: readonly string[]): readonly string[] | undefined => {
    if (done.has(agent)) return undefined;
    if (way.includes(agent)) return [...way.slice(way.indexOf(agent)), agent];
    for (const before of dependenciesOf(dependencies, agent)) {
      const circle = visit(before, [...way, agent]);
      if (circle !== undefined) return circle;
    }
    done.add(agent);
    return undefined;
  };
  for (const agent of agent_sequence) {
    const circle = visit(agent, []);
    if (circle === undefined) continue;
    return { path: "dependencies", message: `dependencies is a circle, ${circle.join(" → ")}; take one of them out.` };
  }
  return undefined;
}

/** Groups run in their order, so who must have ended before belongs into an earlier one; through others that are in no group too. */
function groupsFault({ agent_sequence, dependencies, parallel_groups }: Sequence): Fault | undefined {
  const groupOf = new Map(parallel_groups.flatMap((group, index) => group.map((agent) => [agent, index] as const)));
  for (const agent of agent_sequence) {
    const own = groupOf.get(agent);
    if (own === undefined) continue;
    for (const before of allBefore(dependencies, agent)) {
      const theirs = groupOf.get(before);
      if (theirs === undefined || theirs < own) continue;
      const where = theirs === own ? "in the same group as" : "in an earlier group than";
      const message = `parallel_groups has ${agent} ${where} ${before}, which it depends on; move it to a later group.`;
      return { path: "parallel_groups", message };
    }
  }
  return undefined;
}

function allBefore(dependencies: Sequence["dependencies"], agent: string): Set<string> {
  const found = new Set<string>();
  const waiting = [...dependenciesOf(dependencies, agent)];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...dependenciesOf(dependencies, next));
  }
  return found;
}

/** A name is anybody's choice, "constructor" too. */
function dependenciesOf(dependencies: Sequence["dependencies"], agent: string): readonly string[] {
  return Object.hasOwn(dependencies, agent) ? (dependencies[agent] ?? []) : [];
}

function repeated(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}
