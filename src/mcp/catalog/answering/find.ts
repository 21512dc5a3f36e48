// Which entries answer a question, how sure that is, and why: a role's agents first, then what fits a capability and a text, each
// found for itself and their scores joined.
import { optional } from "../../client/sdk-shapes.js";
import type { CatalogIndex, Filter, Hit } from "../catalog-index.js";
import type { CatalogEntry, EntryKind } from "../entry.js";
import { complexityOf, fits } from "./complexity.js";

export interface Question {
  readonly kind: EntryKind;
  readonly role?: string | undefined;
  readonly capability?: string | undefined;
  readonly text?: string | undefined;
  readonly expand?: readonly string[] | undefined;
  readonly plugin?: string | undefined;
  readonly model?: string | undefined;
  readonly limit: number;
}

export interface FoundEntry {
  readonly entry: CatalogEntry;
  readonly score: number;
  readonly alternates: readonly string[];
}

export interface Findings {
  /** The best first. */
  readonly found: readonly FoundEntry[];
  readonly reasoning: string;
  readonly confidence: number;
  /** Where nothing was found. */
  readonly nearest: readonly string[];
}

/** Looked at of each way besides those wanted: for who is as good as the last, and for what two ways find. */
const SPARE = 2;
const POOL = 30;
/** Entries that differ by less fit equally well. */
const TIE = 0.01;
/** Of a role's fallbacks, each is so much less what was meant than the one before. */
const FALLBACK = 0.95;
/** Nobody is surer than this. */
const SUREST = 0.99;
const NEAREST = 5;
const MOST_WORDS = 8;

export function find(index: CatalogIndex, question: Question): Findings {
  const { kind, role, capability, text, expand, plugin, model, limit } = question;
  const filter: Filter = { kinds: [kind], ...optional({ plugin, model }) };
  if (role === undefined && capability === undefined && text === undefined) return firstOf(index, filter, limit);
  const ofRole = role === undefined ? [] : index.byRole(role, filter);
  // A role that no registry names says in words what is wanted.
  const words = role !== undefined && ofRole.length === 0 ? [role.replace(/[_-]+/g, " "), text].join(" ") : text;
  const pool = limit + (capability === undefined || words === undefined ? SPARE : POOL);
  const byCapability = capability === undefined ? [] : index.byCapability(capability, { ...filter, limit: pool });
  const byText =
    words === undefined ? [] : index.search({ text: words, ...(expand && { expand }), ...filter, limit: pool });

  const complexity = complexityOf(text ?? "");
  const preferred = (hit: FoundEntry): number => hit.score + (fits(hit.entry.model, complexity) ? TIE : 0);
  const rest = (capability === undefined ? byText : words === undefined ? byCapability : joined(byCapability, byText))
    .map(({ entry, score, alternates }) => ({ entry, score, alternates }))
    .sort((a, b) => preferred(b) - preferred(a));
  const first = ofRole.map((entry, place) => ({ entry, score: FALLBACK ** place, alternates: [] }));
  const known = new Set(ofRole.map(({ id }) => id));
  const found = [...first, ...rest.filter(({ entry }) => !known.has(entry.id))].slice(0, limit);
  const reasons = { question, ofRole, byCapability, byText, complexity, found };
  return {
    found,
    reasoning: found.length === 0 ? whyNothing(question, filter) : why(reasons),
    confidence: Number(Math.min(SUREST, found[0]?.score ?? 0).toFixed(2)),
    nearest: found.length > 0 ? [] : nearest(index, question, filter),
  };
}

/** Nothing was asked for: whoever looks around is shown the first there are. */
function firstOf(index: CatalogIndex, filter: Filter, limit: number): Findings {
  const found: FoundEntry[] = [];
  for (const entry of index.entries(filter)) {
    if (found.length === limit) break;
    found.push({ entry, score: 0, alternates: [] });
  }
  return { found, reasoning: "Nothing was asked for, so these are the first there are.", confidence: 0, nearest: [] };
}

/** What both ways find is likelier than what either finds alone. */
function joined(byCapability: readonly Hit[], byText: readonly Hit[]): Hit[] {
  const both = new Map<string, Hit>(byText.map((hit) => [hit.entry.id, { ...hit, score: hit.score * ALONE }]));
  for (const hit of byCapability) {
    const other = both.get(hit.entry.id);
    const score = other === undefined ? hit.score * ALONE : 1 - (1 - hit.score * ALONE) * (1 - other.score);
    both.set(hit.entry.id, { ...hit, score });
  }
  return [...both.values()];
}

const ALONE = 0.7;

function nearest(index: CatalogIndex, { role, capability, text }: Question, filter: Filter): string[] {
  const asked = role ?? capability ?? text ?? "";
  return index.nearest(asked, { ...filter, limit: NEAREST });
}

interface Reasons {
  readonly question: Question;
  readonly ofRole: readonly CatalogEntry[];
  readonly byCapability: readonly Hit[];
  readonly byText: readonly Hit[];
  readonly complexity: ReturnType<typeof complexityOf>;
  readonly found: readonly FoundEntry[];
}

function why({ question, ofRole, byCapability, byText, complexity, found }: Reasons): string {
  const { role, capability, text } = question;
  const ids = new Set(found.map(({ entry }) => entry.id));
  const said: string[] = [];
  if (role !== undefined && ofRole.length > 0)
    said.push(`The registry gives ${ofRole.map(({ name }) => name).join(", ")} for the role ${role}.`);
  else if (role !== undefined) said.push(`No registry names the role ${role}, so its words were searched for.`);
  if (capability !== undefined) {
    const shown = byCapability.filter(({ entry }) => ids.has(entry.id));
    const exact = shown.filter(({ score }) => score >= 1).length;
    if (exact > 0) said.push(`Matched by '${capability}' capability tag: ${exact}.`);
    if (shown.length > exact) said.push(`Matched by tags like '${capability}': ${shown.length - exact}.`);
  }
  if (text !== undefined || ofRole.length === 0) {
    const matched = new Set(byText.filter(({ entry }) => ids.has(entry.id)).flatMap(({ matched }) => matched));
    if (matched.size > 0) said.push(`Matched the words ${[...matched].slice(0, MOST_WORDS).join(", ")}.`);
  }
  if (found.length > 1 && complexity !== "middling" && found.some(({ entry }) => fits(entry.model, complexity)))
    said.push(`A ${complexity} task: among equals, agents of a model for such come first.`);
  return said.join(" ");
}

function whyNothing({ role, capability, text, plugin, model, kind }: Question, { kinds }: Filter): string {
  const asked = [
    ...(role === undefined ? [] : [`role '${role}'`]),
    ...(capability === undefined ? [] : [`capability '${capability}'`]),
    ...(text === undefined ? [] : ["context"]),
  ].join(", ");
  const among = [
    ...(plugin === undefined ? [] : [`of the plugin ${plugin}`]),
    ...(model === undefined ? [] : [`of the model ${model}`]),
  ].join(" ");
  return `No ${kinds?.[0] ?? kind} ${among === "" ? "" : `${among} `}matches the ${asked}.`;
}
