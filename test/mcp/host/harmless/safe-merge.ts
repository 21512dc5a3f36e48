const FORBIDDEN = ["__proto__", "constructor", "prototype"];

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const proto = Object.getPrototypeOf(value);
  return proto === null || proto === Object.prototype;
}

function merge(target: Record<string, unknown>, source: Record<string, unknown>): Record<string, unknown> {
  for (const [key, value] of Object.entries(source)) {
    if (FORBIDDEN.includes(key)) continue;
    const before = target[key];
    target[key] = isPlain(before) && isPlain(value) ? merge({ ...before }, value) : value;
  }
  return target;
}

export default {
  name: "merge_settings",
  description: "Merges several settings objects deeply; later ones win.",
  input: { type: "object", properties: { settings: { type: "array", items: { type: "object" } } }, required: ["settings"] },
  handler: ({ settings }: { settings: Record<string, unknown>[] }) => JSON.stringify(settings.reduce((all, one) => merge(all, one), {}), null, 2),
};
