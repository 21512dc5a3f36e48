// Amounts as people write them: "30s", "512MB". A plain number is the base unit, milliseconds or bytes.

/** A kind of amount: how it is read, and how it is written again. */
export interface Unit {
  /** What a text must look like, for those who check it elsewhere. */
  readonly pattern: string;
  parse(value: string | number): number | undefined;
  /** As short as it can be written exactly: 600000 is "10m". */
  format(amount: number): string;
}

/** Milliseconds of `"500ms"`, `"1.5s"`, `"10m"`, `"2h"`, `"1d"` or a number of milliseconds; undefined for anything else. */
export const TIME = unit({ ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 });

/** Bytes of `"100B"`, `"256KB"`, `"512MB"`, `"1GB"` (1 KB is 1,024 bytes) or a number of bytes; undefined for anything else. */
export const SIZE = unit({ B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 });

/** From the smallest unit to the largest. */
function unit(factors: Readonly<Record<string, number>>): Unit {
  return {
    pattern: `^\\d{1,15}(\\.\\d{1,6})? ?(${Object.keys(factors).join("|")})$`,
    parse(value) {
      if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
      const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([A-Za-z]+)$/.exec(value);
      const factor = factors[match?.[2] ?? ""];
      if (match === null || factor === undefined) return undefined;
      const amount = Math.round(Number(match[1]) * factor);
      return Number.isSafeInteger(amount) ? amount : undefined;
    },
    format(amount) {
      const [name, factor] = Object.entries(factors).findLast(([, each]) => amount !== 0 && amount % each === 0) ?? [];
      return factor === undefined ? `${amount}${Object.keys(factors)[0]}` : `${amount / factor}${name}`;
    },
  };
}
