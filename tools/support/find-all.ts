// Where a sequence occurs in another, in time with their lengths whatever they are made of (Knuth, Morris, Pratt): searching for
// a long passage that repeats itself in a file that does so too would else take time with the product.

/** The places where `part` begins in `whole`, none overlapping, at most `max`. */
export function findAll<Item>(whole: ArrayLike<Item>, part: ArrayLike<Item>, max: number): number[] {
  const found: number[] = [];
  const back = borders(part);
  for (let at = 0, matched = 0; at < whole.length && found.length < max; at++) {
    while (matched > 0 && whole[at] !== part[matched]) matched = back[matched - 1] ?? 0;
    if (whole[at] === part[matched]) matched++;
    if (matched < part.length) continue;
    found.push(at - matched + 1);
    matched = 0;
  }
  return found;
}

/** For every beginning of the sequence: how much of its end is a beginning of it too. */
function borders(part: ArrayLike<unknown>): Uint32Array {
  const lengths = new Uint32Array(part.length);
  for (let at = 1, length = 0; at < part.length; at++) {
    while (length > 0 && part[at] !== part[length]) length = lengths[length - 1] ?? 0;
    if (part[at] === part[length]) length++;
    lengths[at] = length;
  }
  return lengths;
}
