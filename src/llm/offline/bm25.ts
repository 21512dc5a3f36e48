// How well words find a tool: BM25 over the fields of its profile. A word in the name weighs more than one among the arguments
// or in the description, rare words weigh more than common ones, and long descriptions gain nothing by their length.
import { meanings } from "./synonyms.js";
import type { ToolProfile } from "./tool-profile.js";
import type { Word } from "./words.js";

const K = 1.2;
const B = 0.75;

/** An index of the connected tools, made for one message. */
export class SearchIndex {
  readonly #frequencies: ReadonlyMap<ToolProfile, ReadonlyMap<string, number>>;
  readonly #documents = new Map<string, number>();

  constructor(profiles: readonly ToolProfile[]) {
    const average = profiles.reduce((sum, one) => sum + one.descriptionStems.length, 0) / Math.max(1, profiles.length);
    this.#frequencies = new Map(profiles.map((profile) => [profile, this.#count(profile, average)]));
  }

  /** Between 0 and 1: the share of the best score these words could reach. */
  score(profile: ToolProfile, content: readonly Word[]): number {
    const frequencies = this.#frequencies.get(profile);
    let reached = 0;
    let most = 0;
    for (const word of content) {
      let best = 0;
      for (const [one, weight] of meanings(word)) {
        const frequency = (frequencies?.get(one) ?? 0) * weight;
        best = Math.max(best, (this.#rarity(one) * frequency) / (K + frequency));
      }
      reached += best;
      most += this.#rarity(word.stem);
    }
    return most === 0 ? 0 : reached / most;
  }

  #count(profile: ToolProfile, average: number): Map<string, number> {
    const counts = new Map<string, number>();
    const add = (stems: readonly string[], weight: number) => {
      for (const one of stems) counts.set(one, (counts.get(one) ?? 0) + weight);
    };
    add(profile.nameStems, 4);
    add(profile.serverStems, 1);
    for (const argument of profile.arguments) {
      add(argument.nameStems, 1.5);
      add(argument.descriptionStems, 0.5);
    }
    add(profile.descriptionStems, 1 / (1 - B + (B * profile.descriptionStems.length) / Math.max(1, average)));
    for (const one of counts.keys()) this.#documents.set(one, (this.#documents.get(one) ?? 0) + 1);
    return counts;
  }

  #rarity(one: string): number {
    const count = this.#documents.get(one) ?? 0;
    return Math.log(1 + (this.#frequencies.size - count + 0.5) / (count + 0.5));
  }
}
