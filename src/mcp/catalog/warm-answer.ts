// A question out of the log asked again, for its answer alone: it counts for nothing.
import { type AnswerCache, canonicalJson } from "./answer-cache.js";
import { answer, type QueryMethod, queryMethods, questions } from "./answering/answer.js";
import type { CatalogIndex } from "./catalog-index.js";

/** Does nothing for one that cannot be asked any more, or whose answer is not worth the reading of files. */
export function warmAnswer(cache: AnswerCache, index: CatalogIndex, method: string, params: string): void {
  const known = queryMethods.find((each): each is QueryMethod => each === method);
  if (known === undefined) return;
  const parsed = questions[known].schema.safeParse(JSON.parse(params));
  if (!parsed.success || parsed.data.mode === "full") return;
  const keep = cache.keeper(known, canonicalJson(parsed.data));
  const given = answer(index, known, parsed.data);
  if (!(given instanceof Promise)) keep(given);
}
