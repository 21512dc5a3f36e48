// The links of one process. Most processes have one, to their supervisor, and a Set costs more than many a process: so one link
// is the other process itself, and only several are a Set.

export type Links<P extends object> = P | Set<P> | undefined;

export function withLink<P extends object>(links: Links<P>, other: P): Links<P> {
  if (links === undefined || links === other) return other;
  if (links instanceof Set) return links.add(other);
  return new Set([links, other]);
}

/** The links without `other`. */
export function withoutLink<P extends object>(links: Links<P>, other: P): Links<P> {
  if (links === other) return undefined;
  if (links instanceof Set) links.delete(other);
  return links;
}

export function hasLink<P extends object>(links: Links<P>, other: P): boolean {
  return links === other || (links instanceof Set && links.has(other));
}

export function allLinks<P extends object>(links: Links<P>): readonly P[] {
  if (links === undefined) return [];
  return links instanceof Set ? [...links] : [links];
}

export function countLinks<P extends object>(links: Links<P>): number {
  if (links === undefined) return 0;
  return links instanceof Set ? links.size : 1;
}
