// How likely a hit is what was meant, from how much of what could be found was.

/** Between 0 and 1. `ideal`: what a document would get that is all about what is asked. */
export function confidence(rank: number, ideal: number): number {
  return ideal === 0 ? 0 : Math.min(1, rank / ideal);
}
