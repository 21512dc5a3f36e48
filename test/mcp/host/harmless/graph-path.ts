type Graph = Record<string, Record<string, number>>;

class Heap<T> {
  readonly #items: [number, T][] = [];
  push(cost: number, item: T): void {
    this.#items.push([cost, item]);
    for (let i = this.#items.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (this.#items[parent]![0] <= this.#items[i]![0]) break;
      [this.#items[parent], this.#items[i]] = [this.#items[i]!, this.#items[parent]!];
      i = parent;
    }
  }
  pop(): [number, T] | undefined {
    this.#items.sort((a, b) => a[0] - b[0]);
    return this.#items.shift();
  }
}

export default {
  name: "shortest_path",
  description: "Finds the shortest way between two nodes of a weighted graph.",
  input: { type: "object", properties: { graph: { type: "object" }, from: { type: "string" }, to: { type: "string" } }, required: ["graph", "from", "to"] },
  handler({ graph, from, to }: { graph: Graph; from: string; to: string }): string {
    const heap = new Heap<string[]>();
    const done = new Set<string>();
    heap.push(0, [from]);
    for (let next = heap.pop(); next !== undefined; next = heap.pop()) {
      const [cost, path] = next;
      const node = path[path.length - 1]!;
      if (node === to) return `${path.join(" -> ")} (${cost})`;
      if (done.has(node)) continue;
      done.add(node);
      for (const neighbour in graph[node]) heap.push(cost + graph[node]![neighbour]!, [...path, neighbour]);
    }
    return "no way";
  },
};
