// Work on one thing after the other: two calls that change the same file at once would each write what the other never saw.
const last = new Map<string, Promise<unknown>>();

/** Runs `work` when all earlier work for `key` has ended, well or badly. */
export async function oneAtATime<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  const before = last.get(key) ?? Promise.resolve();
  const mine = before.then(work, work);
  last.set(key, mine);
  try {
    return await mine;
  } finally {
    if (last.get(key) === mine) last.delete(key);
  }
}
