// Answers given before, for a while: a store of its own for each method, bounded in number and size. The key is the whole question with
// its defaults filled in and its names in order, so that the same question is the same however it was written.
import { LRUCache } from "lru-cache";

/** Of one method. */
const MOST = 500;
const MOST_CHARACTERS = 2_000_000;

export class AnswerCache {
  private readonly stores = new Map<string, LRUCache<string, object>>();
  hits = 0;
  misses = 0;
  /** What began to be worked out before the last clearing is not to be kept. */
  private cleared = 0;

  /** How long the answers of a method hold, in milliseconds. */
  constructor(private readonly ttlOf: (method: string) => number) {}

  get(method: string, key: string): object | undefined {
    const answer = this.stores.get(method)?.get(key);
    if (answer === undefined) this.misses++;
    else this.hits++;
    return answer;
  }

  /** To be called when the work on an answer begins; what it answers keeps the result, if that is still right then. */
  keeper(method: string, key: string): (answer: object) => void {
    const { cleared } = this;
    return (answer) => {
      if (this.cleared === cleared) this.storeOf(method).set(key, answer);
    };
  }

  /** Forgets the answers of these methods. */
  clear(methods: readonly string[]): void {
    this.cleared++;
    for (const method of methods) this.stores.get(method)?.clear();
  }

  get size(): number {
    return [...this.stores.values()].reduce((sum, { size }) => sum + size, 0);
  }

  private storeOf(method: string): LRUCache<string, object> {
    let store = this.stores.get(method);
    if (store === undefined) {
      const sizeCalculation = (answer: object, key: string): number => JSON.stringify(answer).length + key.length;
      store = new LRUCache({ max: MOST, maxSize: MOST_CHARACTERS, ttl: this.ttlOf(method), sizeCalculation });
      this.stores.set(method, store);
    }
    return store;
  }
}

/** As JSON with the names of every object in order. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
