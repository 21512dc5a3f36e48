const order = (a: string, b: string): number => {
  const [x, y] = [a, b].map((version) => version.replace(/^v/, "").split(/[.-]/)) as [string[], string[]];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [p = "", q = ""] = [x[i], y[i]];
    if (p === q) continue;
    const [m, n] = [Number(p), Number(q)];
    return Number.isNaN(m) || Number.isNaN(n) ? p.localeCompare(q) : m - n;
  }
  return 0;
};

export default {
  name: "sort_versions",
  description: "Sorts version numbers such as 1.10.0 and 1.9.3-beta as a person would.",
  input: { type: "object", properties: { versions: { type: "array", items: { type: "string" } } }, required: ["versions"] },
  annotations: { readOnlyHint: true, idempotentHint: true } satisfies Record<string, boolean>,
  handler: async ({ versions }: { versions: string[] }) => [...versions].sort(order),
};
