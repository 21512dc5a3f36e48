// Names written with `*` for any part, as users write them in settings and flags. Matched by hand and not by a regular expression: the
// names come from servers, and one made to backtrack could stall the program.

/** True when the whole name fits; without a `*` only the very same name does. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length >= at + last.length && name.endsWith(last);
}

/** What of a server is taken: with `allow`, only what fits one of its patterns; never what fits one of `deny`. */
export interface OfferFilter {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** `name` is that of a tool or prompt, or the URI of a resource or template. */
export function isTaken({ allow, deny }: OfferFilter, name: string): boolean {
  const fits = (pattern: string): boolean => matchesPattern(pattern, name);
  return (allow.length === 0 || allow.some(fits)) && !deny.some(fits);
}
