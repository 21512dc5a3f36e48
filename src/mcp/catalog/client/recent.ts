// The answers of a while ago, the one that was asked for longest ago going first when there are too many.

export class Recent<T> {
  private readonly kept = new Map<string, { readonly value: T; readonly until: number }>();

  constructor(
    private readonly most: number,
    private readonly ttlMs: number,
  ) {}

  /** `fresh`: it was put there less than the time ago for which an answer holds. */
  get(key: string): { readonly value: T; readonly fresh: boolean } | undefined {
    const found = this.kept.get(key);
    if (found === undefined) return undefined;
    this.kept.delete(key);
    this.kept.set(key, found);
    return { value: found.value, fresh: performance.now() < found.until };
  }

  set(key: string, value: T): void {
    if (this.ttlMs === 0) return;
    this.kept.delete(key);
    this.kept.set(key, { value, until: performance.now() + this.ttlMs });
    const [oldest] = this.kept.keys();
    if (this.kept.size > this.most && oldest !== undefined) this.kept.delete(oldest);
  }

  clear(): void {
    this.kept.clear();
  }
}

/** The same text for the same parameters, in whatever order they were written. */
export function keyOf(method: string, params: object): string {
  const sorted = (_: string, value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return `${method} ${JSON.stringify(params, sorted)}`;
}
