type Listener<T> = (value: T) => void;

function observable<T extends object>(target: T, listener: Listener<keyof T>): T {
  return new Proxy(target, {
    set(object, key, value, receiver) {
      listener(key as keyof T);
      return Reflect.set(object, key, value, receiver);
    },
    get: (object, key, receiver) => Reflect.get(object, key, receiver),
  });
}

export default {
  name: "trace_changes",
  description: "Applies a list of changes to a record and tells which fields were touched.",
  input: { type: "object", properties: { record: { type: "object" }, changes: { type: "array", items: { type: "object" } } }, required: ["record", "changes"] },
  handler({ record, changes }: { record: Record<string, unknown>; changes: Record<string, unknown>[] }) {
    const touched = new Set<string>();
    const seen = observable(structuredClone(record), (key) => touched.add(String(key)));
    for (const change of changes) Object.assign(seen, change);
    return `${[...touched].sort().join(", ")}\n${JSON.stringify(seen)}`;
  },
};
