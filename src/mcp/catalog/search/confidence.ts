// How likely a hit is what was meant. Fitted to labelled queries: how much of what could be found the best hit has tells how far it can
// be trusted, and how far another lies behind it tells of the other.

/** Between 0 and 1. `ideal`: what a document would get that is all about what is asked; `best`: what the first hit got. */
export function confidence(rank: number, best: number, ideal: number): number {
  if (ideal <= 0 || best <= 0) return 0;
  const trust = 1 / (1 + Math.exp(-3.3 - 1.4 * Math.log(best / ideal)));
  return trust * (rank / best) ** 6;
}
