// One answer for all who wait for it. What is told of Banyan itself costs the processor the same for one as for hundreds, so those who ask
// while it is being worked out are given the next answer together: none is older than the question.

/** `work`, made once for all who ask while it is being made; at any time one is made, and at most one is to come. */
export function forAll<T>(work: () => Promise<T>): () => Promise<T> {
  let now: Promise<unknown> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    next = undefined;
    const made = work();
    const over = (): void => {
      if (now === ended) now = undefined;
    };
    const ended: Promise<unknown> = made.then(over, over);
    now = ended;
    return made;
  };
  return () => {
    if (next === undefined && now === undefined) return begin();
    next ??= (now ?? Promise.resolve()).then(begin);
    return next;
  };
}
