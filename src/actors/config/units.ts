// Amounts as people write them: "30s", "512MB". A plain number is the base unit, milliseconds or bytes.

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** Whole milliseconds of `"500ms"`, `"1.5s"`, `"10m"`, `"2h"`, `"1d"` or a number of milliseconds; undefined for anything else. */
export function parseDuration(value: string | number): number | undefined {
  return parseAmount(value, MILLISECONDS);
}

/** Whole bytes of `"100B"`, `"256KB"`, `"512MB"`, `"1GB"` (1 KB is 1,024 bytes) or a number of bytes; undefined for anything else. */
export function parseSize(value: string | number): number | undefined {
  return parseAmount(value, BYTES);
}

function parseAmount(value: string | number, units: Readonly<Record<string, number>>): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([A-Za-z]+)$/.exec(value);
  const factor = units[match?.[2] ?? ""];
  if (match === null || factor === undefined) return undefined;
  const amount = Math.round(Number(match[1]) * factor);
  return Number.isSafeInteger(amount) ? amount : undefined;
}
