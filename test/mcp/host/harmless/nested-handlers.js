const handlers = {
  length: { m: { km: (x) => x / 1000, mi: (x) => x / 1609.344 }, km: { m: (x) => x * 1000 } },
  weight: { g: { kg: (x) => x / 1000, lb: (x) => x / 453.59237 } },
};

export default {
  name: "convert_unit",
  description: "Converts a length or a weight from one unit to another.",
  input: { type: "object", properties: { kind: { type: "string" }, from: { type: "string" }, to: { type: "string" }, value: { type: "number" } } },
  handler: ({ kind, from, to, value }) => {
    const convert = handlers[kind]?.[from]?.[to];
    if (!convert) return `cannot convert ${from} to ${to}`;
    return `${handlers[kind][from][to](value).toFixed(4)} ${to}`;
  },
};
