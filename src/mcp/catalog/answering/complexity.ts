// How much thought a task wants, by its words: a heuristic that only ever decides between entries that fit equally well.

export type Complexity = "complex" | "simple" | "middling";

const COMPLEX =
  /\b(?:architect\w*|audit\w*|complex\w*|concurren\w*|cross[- ]cutting|deadlock\w*|design\w*|distributed|end[- ]to[- ]end|enterprise|high[- ]availability|incident\w*|large[- ]scale|legacy|migrat\w*|monolith\w*|multi[- ]\w+|overhaul\w*|performance|race condition\w*|redesign\w*|refactor\w*|resilien\w*|rewrite\w*|scal(?:e|able|ability|ing)|secur\w*|strateg\w*|threat\w*|trade[- ]?offs?|vulnerab\w*)\b/gi;
const SIMPLE =
  /\b(?:boilerplate|bump|changelog|comments?|docstrings?|easy|format(?:ting)?|lint\w*|minor|one[- ]liner|quick\w*|readme|rename\w*|simple|small|tiny|trivial|typos?|whitespace)\b/gi;
/** So many words are no small matter. */
const LONG = 40;
const SHORT = 12;

export function complexityOf(text: string): Complexity {
  const words = text.split(/\s+/).length;
  const complex = (text.match(COMPLEX)?.length ?? 0) + (words >= LONG ? 1 : 0);
  const simple = (text.match(SIMPLE)?.length ?? 0) + (words > 0 && words <= SHORT && complex === 0 ? 0.5 : 0);
  if (complex > simple) return "complex";
  return simple >= 1 && simple > complex ? "simple" : "middling";
}

/** Whether an agent of this model is made for such a task. */
export function fits(model: string | undefined, complexity: Complexity): boolean {
  if (model === undefined || complexity === "middling") return false;
  return complexity === "complex" ? /opus|sonnet/i.test(model) : /haiku/i.test(model);
}
