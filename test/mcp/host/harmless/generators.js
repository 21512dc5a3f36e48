function* primes() {
  const composites = new Map();
  for (let n = 2; ; n++) {
    const factors = composites.get(n);
    if (factors === undefined) {
      yield n;
      composites.set(n * n, [n]);
      continue;
    }
    for (const factor of factors) composites.set(n + factor, [...(composites.get(n + factor) ?? []), factor]);
    composites.delete(n);
  }
}

const take = function* (count, source) {
  for (const value of source) {
    if (count-- <= 0) return;
    yield value;
  }
};

export default {
  name: "first_primes",
  description: "Lists the first prime numbers, up to ten thousand of them.",
  input: { type: "object", properties: { count: { type: "integer", minimum: 1, maximum: 10000 } }, required: ["count"] },
  handler: ({ count }) => [...take(count, primes())].join(" "),
};
