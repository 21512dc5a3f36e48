// The search over all segments: files and tools.
import type { EntryKind } from "../entry.js";
import { type Concept, conceptsOf } from "./asked.js";
import { best, type Ranked, rarity, Scores, score } from "./ranking.js";
import type { Segment } from "./segment.js";
import { kindNumbers } from "./tables.js";
import { wordsOf } from "./words.js";

export interface Filter {
  readonly kinds?: readonly EntryKind[];
  /** As its folder is called; the case does not matter. */
  readonly plugin?: string;
  /** `opus` finds opus and `claude-opus-4-1`. */
  readonly model?: string;
}
export interface Answer {
  readonly ranked: readonly Ranked[];
  readonly concepts: readonly Concept[];
  /** What a document would get that is all about what is asked. */
  readonly ideal: number;
}

export class Searcher {
  private readonly scores = new Map<Segment, Scores>();
  private readonly all: number;

  constructor(readonly segments: readonly Segment[]) {
    for (const segment of segments) this.scores.set(segment, new Scores(segment.size));
    this.all = segments.reduce((sum, { size }) => sum + size, 0);
  }

  /** Words of the texts that come nearest to those of the query, however far. */
  near(text: string): string[] {
    return wordsOf(text.slice(0, 500))
      .slice(0, 20)
      .flatMap((word) => {
        const found = this.segments.flatMap((segment) => segment.near(word, 3, Math.ceil(word.length / 2)));
        return found
          .sort((a, b) => a.wrong - b.wrong)
          .slice(0, 3)
          .map((candidate) => candidate.word);
      });
  }

  search(text: string, expand: readonly string[], filter: Filter, limit: number): Answer {
    const concepts = conceptsOf(text, expand, this.segments);
    const rarities = new Map<string, number>();
    const rarityOf = (stem: string): number => {
      let known = rarities.get(stem);
      if (known === undefined) {
        const documents = this.segments.reduce((sum, segment) => sum + segment.documents(segment.stem(stem)), 0);
        known = rarity(documents, this.all);
        rarities.set(stem, known);
      }
      return known;
    };
    // What is asked for in rare words is asked for most; what stands nowhere counts like what stands in few.
    const worths = concepts.map(({ variants, extra, share }) =>
      extra ? 0 : share * Math.min(...variants.flatMap(({ stems }) => stems.map(rarityOf)), rarity(2, this.all)),
    );
    const own = ({ variants: [first] }: Concept): number | undefined =>
      first?.weight === 1 && first.stems[0] !== undefined ? rarityOf(first.stems[0]) : undefined;
    const ranked: Ranked[] = [];
    for (const [segment, scores] of this.scores) {
      score(segment, scores, concepts, { of: rarityOf, own });
      ranked.push(...best(segment, scores, worths, limit, passing(segment, filter)));
      scores.clear();
    }
    const ideal = worths.reduce((sum, worth) => sum + worth, 0);
    return { ranked: ranked.sort((a, b) => b.rank - a.rank).slice(0, limit), concepts, ideal };
  }
}

/** Which documents of a segment a filter lets through. */
export function passing(segment: Segment, { kinds, plugin, model }: Filter): (document: number) => boolean {
  const { tables } = segment;
  const kindsWanted = kinds === undefined ? 0b1111 : kinds.reduce((bits, kind) => bits | (1 << kindNumbers[kind]), 0);
  const wantedPlugin = plugin?.trim().toLowerCase();
  const wantedModel = model?.trim().toLowerCase();
  const plugins = wantedPlugin === undefined ? undefined : segment.values((value) => value === wantedPlugin);
  const models =
    wantedModel === undefined
      ? undefined
      : segment.values((value) => value.split(/[^a-z0-9.]+/).includes(wantedModel) || value === wantedModel);
  return (document) =>
    (kindsWanted & (1 << (tables.kinds[document] ?? 0))) !== 0 &&
    (plugins === undefined || plugins[tables.plugins[document] ?? 0] === 1) &&
    (models === undefined || models[tables.models[document] ?? 0] === 1);
}
