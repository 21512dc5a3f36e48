// Ranks every connected tool for a message: BM25 over the words of its name, its arguments and its description, then how much
// of its name was said, how much of the message it explains, and whether its arguments could be read. A tool is only chosen
// when all of that is plain; the stand-in must rather say that it does not know than run something nobody asked for.
import type { ToolDescription } from "../provider.js";
import { SearchIndex } from "./bm25.js";
import { type Named, namedTools } from "./named-tools.js";
import { type ReadArguments, readArguments } from "./read-arguments.js";
import { meanings, valueSuggests } from "./synonyms.js";
import { profileOf, type ToolProfile } from "./tool-profile.js";
import { type Utterance, utterance } from "./utterance.js";
import { isNegation, isSoftWord, isStopWord, stem, type Word } from "./words.js";

export interface Candidate {
  readonly tool: ToolDescription;
  readonly arguments: ReadArguments;
  readonly score: number;
  /** Whether it is plain enough to act on. */
  readonly accepted: boolean;
  /** Whether it is near enough to be worth mentioning. */
  readonly near: boolean;
}

/** The tools a message may mean, the likeliest first. */
export function rankTools(message: string, tools: readonly ToolDescription[]): Candidate[] {
  const profiles = tools.map(profileOf);
  const named = namedTools(message, profiles);
  const mayAct = !ASKS_ABOUT.test(message);
  if (named !== undefined) return rankNamed(message, named, mayAct);

  const read = utterance(message);
  const index = new SearchIndex(profiles);
  const candidates = profiles.map((profile) => weigh(profile, read, index, mayAct));
  return candidates.filter(({ score }) => score > 0).sort(byScore);
}

/** Questions about a thing rather than requests for it. */
const ASKS_ABOUT =
  /^\W*(?:how (?:do|does|did|can|could|should|would|to|are|is)|why|explain|should|what if|what (?:does|do|can)|tell me (?:about|how|why))\b/i;

function byScore(a: Candidate, b: Candidate): number {
  return Number(b.accepted) - Number(a.accepted) || b.score - a.score;
}

/** Among tools of the same name, the one whose arguments could best be read. */
function rankNamed(text: string, named: Named, mayAct: boolean): Candidate[] {
  const message = utterance(text, named);
  return named.profiles
    .map((profile) => {
      const read = readArguments(profile, message, () => false);
      const score = 10 - read.missing.length - 0.1 * read.unused - (profile.deprecated ? 0.5 : 0);
      return { tool: profile.tool, arguments: read, score, accepted: mayAct, near: true };
    })
    .sort(byScore);
}

function weigh(profile: ToolProfile, message: Utterance, index: SearchIndex, mayAct: boolean): Candidate {
  const isName = (word: Word) => nameMatch(profile, word) > 0;
  const read = readArguments(profile, message, isName);
  const content = read.otherWords.filter((word) => !isStopWord(word.text));
  const negated = content.some((word) => isNegation(word.text));

  const coverage = nameCoverage(profile, content, read);
  const explained = explainedShare(profile, content, read);
  // Over all words, so that a tool gains nothing by taking words as its text.
  const bm25 = index.score(
    profile,
    message.words.filter((word) => !isStopWord(word.text)),
  );
  const missing = read.missing.length;
  const [first] = content;
  const beginsWithName = first !== undefined && profile.nameStems.includes(first.stem) && !isSoftWord(first.text);

  const tookSomething = COMMON_VERBS.has(first?.stem ?? "")
    ? read.tookText
      ? SEARCHES_CODE_WORD.test(message.text)
      : read.fitting.length > 0
    : read.fitting.length > 0 || read.tookText;
  const isPlain = coverage >= 0.6 && explained >= (missing > 0 ? 0.75 : 0.6);
  const isDirect = coverage >= 0.3 && beginsWithName && missing === 0 && explained >= 0.6 && tookSomething;
  const isIdle = searchesNothing(profile, read);
  const score =
    bm25 +
    1.5 * coverage +
    explained +
    0.4 * Math.min(2, read.fitting.length) +
    (read.fitting.includes("phrase") ? 0.8 : 0) -
    0.4 * missing -
    0.3 * read.unused -
    0.1 * profile.arguments.filter((argument) => argument.required).length -
    (profile.deprecated ? 0.3 : 0);
  // Without a word or a value in common there is nothing to rank.
  const related = bm25 > 0 || coverage > 0;
  return {
    tool: profile.tool,
    arguments: read,
    score: related ? score : 0,
    accepted: mayAct && !negated && !isIdle && (isPlain || isDirect),
    near: coverage >= 0.4 && explained >= 0.5,
  };
}

/** A tool made for searching, whose query is optional, and that nobody gave anything to search. */
function searchesNothing(profile: ToolProfile, read: ReadArguments): boolean {
  const searched = profile.arguments.filter(({ kind }) => kind === "query" || kind === "glob");
  return searched.length > 0 && read.missing.length === 0 && !searched.some(({ name }) => name in read.values);
}

/** How much of the tool's own name was said, in words or by the kinds of the values; general words weigh little. */
function nameCoverage(profile: ToolProfile, content: readonly Word[], read: ReadArguments): number {
  let said = 0;
  let all = 0;
  for (const name of profile.nameStems) {
    // `slack.slack_post_message` says its server twice; once is enough.
    const repeatsServer = name === profile.nameStems[0] && profile.serverStems.includes(name);
    const weight = GENERAL.has(name) || repeatsServer ? 0.25 : 1;
    const byWord = Math.max(0, ...content.map((word) => meanings(word).get(name) ?? 0));
    const byValue = read.fitting.some((kind) => valueSuggests(kind, name)) ? 0.8 : 0;
    said += weight * Math.max(byWord, byValue);
    all += weight;
  }
  return all === 0 ? 0 : said / all;
}

/** How much of what was said about the tool is found in it; values nothing took count as unexplained. */
function explainedShare(profile: ToolProfile, content: readonly Word[], read: ReadArguments): number {
  const argumentStems = profile.arguments.flatMap((argument) => [...argument.nameStems, ...argument.descriptionStems]);
  let explained = 0;
  let count = read.unused;
  for (const word of content) {
    const inName = nameMatch(profile, word);
    const elsewhere = profile.serverStems.includes(word.stem)
      ? 1
      : profile.descriptionStems.includes(word.stem)
        ? 0.9
        : argumentStems.includes(word.stem)
          ? 0.9
          : [...meanings(word).keys()].some(
                (one) => profile.descriptionStems.includes(one) || argumentStems.includes(one),
              )
            ? 0.5
            : 0;
    const best = Math.max(inName, elsewhere);
    if (best === 0 && isSoftWord(word.text)) continue;
    explained += best > 0 ? Math.max(0.5, best) : 0;
    count += 1;
  }
  return count === 0 ? 1 : explained / count;
}

function nameMatch(profile: ToolProfile, word: Word): number {
  let best = 0;
  for (const [one, weight] of meanings(word)) if (profile.nameStems.includes(one)) best = Math.max(best, weight);
  return best;
}

/** Verbs that begin requests of every sort: one of them alone names no tool, however it is named. */
const COMMON_VERBS = new Set(
  "add create make get set list search find read write open delete remove update send post show start stop move edit"
    .split(" ")
    .map(stem),
);
/** "search for TODO": what is written like this is looked for as it stands, and not asked of the world. */
const SEARCHES_CODE_WORD = /^\W*(?:please\s+)?search\s+for\s+(?:[A-Z][A-Z\d_]+|\w*[a-z][A-Z]\w*|\w+_\w+)\W*$/;
/** Words so common in tool names that saying one says little, and leaving one out says nothing. */
const GENERAL = new Set(
  "get current run trigger do all new my tool make perform simulate simulated execute".split(" ").map(stem),
);
