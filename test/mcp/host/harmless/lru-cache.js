class LRU {
  #entries = new Map();
  constructor(limit) {
    this.limit = limit;
  }
  get(key) {
    if (!this.#entries.has(key)) return undefined;
    const value = this.#entries.get(key);
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }
  set(key, value) {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.limit) this.#entries.delete(this.#entries.keys().next().value);
    return this;
  }
  get keys() {
    return [...this.#entries.keys()];
  }
}

export default {
  name: "simulate_lru",
  description: "Simulates a least-recently-used cache on a list of accesses and tells its hit rate.",
  input: { type: "object", properties: { accesses: { type: "array" }, limit: { type: "integer", minimum: 1 } }, required: ["accesses", "limit"] },
  handler({ accesses, limit }) {
    const cache = new LRU(limit);
    let hits = 0;
    for (const key of accesses) {
      if (cache.get(key)) hits += 1;
      else cache.set(key, true);
    }
    return `${hits} of ${accesses.length} hit; kept: ${cache.keys.join(", ")}`;
  },
};
