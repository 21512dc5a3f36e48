// A question out of the log asked again, so that its answer is at hand.
import { answer, queryMethods, questions } from "./answering/answer.js";
import type { CatalogIndex } from "./catalog-index.js";
import type { Desk } from "./desk.js";

/** Does nothing for one that cannot be asked any more, or whose answer is not worth the reading of files. */
export function warmAnswer(desk: Desk, index: CatalogIndex, method: string, params: string): void {
  const known = queryMethods.find((each) => each === method);
  if (known === undefined) return;
  const parsed = questions[known].schema.safeParse(JSON.parse(params));
  if (!parsed.success || parsed.data.mode === "full") return;
  const given = answer(index, known, parsed.data);
  if (!(given instanceof Promise)) desk.prepare(known, parsed.data, given);
}
