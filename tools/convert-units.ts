// Measures in other units. A unit may be a ratio, such as km/h: both of its parts are converted.
import { z } from "zod";
import { formatNumber } from "./calculate.js";
import { defineTool, ToolError } from "./define.js";

export const convertUnits = defineTool({
  name: "convert_units",
  description:
    "Convert a measure to other units: length, area, volume, mass, time, temperature, angle, energy, power, pressure, force, frequency, data sizes " +
    "(MB is 1,000,000 bytes, MiB 1,048,576), light, and ratios of these such as km/h. Units by name or symbol: kilometers, km, mi, °F, l, GiB. " +
    "Not for currencies. For spans of time with dates use duration.",
  input: z.strictObject({
    value: z.number().describe("How many of the unit from"),
    from: z.string().trim().min(1).max(60).describe("The unit it is in, such as km, pounds, celsius, MiB/s"),
    to: z
      .array(z.string().trim().min(1).max(60))
      .min(1)
      .max(20)
      .describe("The units to convert it to, such as [mi, ft]"),
  }),
  annotations: {
    title: "Convert units",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  async handler({ value, from, to }) {
    const units = await loadUnits();
    return to
      .map(
        (target) => `${formatNumber(value)} ${from} = ${formatNumber(converted(units, value, from, target))} ${target}`,
      )
      .join("\n");
  },
});

interface Units {
  /** `from` and `to` are names of the library. */
  readonly convert: (value: number, from: string, to: string) => number;
  /** The library's name of a unit people call so. */
  readonly named: (name: string) => string | undefined;
  /** The kind of measure of a name of the library. */
  readonly kindOf: (name: string) => number | undefined;
  /** Every name and symbol. */
  readonly all: readonly string[];
}

/** Names people use that the library does not know. */
const ALIASES: Readonly<Record<string, string>> = {
  "°c": "celsius",
  "°f": "fahrenheit",
  "°k": "kelvin",
  "°": "degree",
  kmh: "km/h",
  kph: "km/h",
  "km/hr": "km/h",
  mph: "mi/h",
  kn: "nautical mile/h",
  kt: "nautical mile/h",
  knot: "nautical mile/h",
  knots: "nautical mile/h",
  mps: "m/s",
  fps: "ft/s",
  bps: "b/s",
  kbps: "kb/s",
  mbps: "Mb/s",
  gbps: "Gb/s",
  sec: "second",
  hr: "hour",
  hrs: "hour",
  lbs: "pound",
  metre: "meter",
  metres: "meter",
  litre: "liter",
  litres: "liter",
  sqm: "square meter",
  sqft: "square foot",
  cc: "cubic centimeter",
  kcal: "kilocalorie",
};

let loaded: Promise<Units> | undefined;
function loadUnits(): Promise<Units> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Units> {
  const [{ convert }, { conversions }] = await Promise.all([import("convert"), import("convert/conversions")]);
  const kinds = new Map<string, number>();
  const folded = new Map<string, string | undefined>();
  for (const [kind, { units }] of conversions) {
    for (const name of units.flatMap(({ names, symbols }) => [...names, ...symbols])) {
      kinds.set(name, kind);
      // In small letters two may be the same, such as Mb and mb: then neither is meant.
      const small = name.toLowerCase();
      folded.set(
        small,
        folded.has(small) &&
          kinds.get(folded.get(small) ?? "") !== undefined &&
          !sameUnit(convert, folded.get(small), name)
          ? undefined
          : name,
      );
    }
  }
  const named = (name: string): string | undefined => {
    const squared = name.replace(/\^?2$/, "²").replace(/\^?3$/, "³");
    const found = [name, squared, name.replace(/²$/, "2").replace(/³$/, "3")].find((form) => kinds.has(form));
    return found ?? folded.get(name.toLowerCase().replace(/\s+/g, " "));
  };
  return {
    // Names are checked against the library's own list before.
    convert: (value, from, to) => convert(value, from as "m").to(to as "m"),
    named,
    kindOf: (name) => kinds.get(name),
    all: [...kinds.keys()],
  };
}

function sameUnit(convert: typeof import("convert").convert, a: string | undefined, b: string): boolean {
  try {
    return convert(1, a as "m").to(b as "m") === 1; // both are of the library
  } catch {
    return false;
  }
}

function converted(units: Units, value: number, from: string, to: string): number {
  const [source, target] = [ratio(units, from), ratio(units, to)];
  const like =
    source.length === target.length &&
    source.every((name, at) => units.kindOf(name) === units.kindOf(target[at] ?? ""));
  if (!like)
    throw new ToolError(
      `${from} and ${to} do not measure the same, so they cannot be converted; choose units of one kind.`,
    );
  const [top = "", bottom] = source;
  const [newTop = "", newBottom] = target;
  if (bottom === undefined || newBottom === undefined) return finite(units.convert(value, top, newTop));
  return finite(units.convert(value, top, newTop) / units.convert(1, bottom, newBottom));
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new ToolError("The result is too large for a number; use larger units.");
  // Temperatures come with an offset that leaves 211.99999999999983 behind.
  return Number(value.toPrecision(13));
}

/** The one unit, or the two of a ratio. */
function ratio(units: Units, text: string): string[] {
  const plain = Object.hasOwn(ALIASES, text.toLowerCase()) ? (ALIASES[text.toLowerCase()] ?? text) : text;
  const whole = units.named(plain);
  if (whole !== undefined) return [whole];
  const parts = plain.split(/\s*\/\s*|\s+per\s+/);
  if (parts.length > 2)
    throw new ToolError(`"${text}" has more than one "/"; give one unit, or a ratio of two such as km/h.`);
  return parts.map((part) => {
    const name = Object.hasOwn(ALIASES, part.toLowerCase()) ? (ALIASES[part.toLowerCase()] ?? part) : part;
    const found = units.named(name);
    if (found === undefined)
      throw new ToolError(`No unit is named "${part}"; near it are ${nearest(part, units.all).join(", ")}.`);
    return found;
  });
}

function nearest(name: string, all: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  return all
    .map((unit) => ({ unit, far: distance(wanted, unit.toLowerCase()) }))
    .sort((a, b) => a.far - b.far || a.unit.length - b.unit.length)
    .slice(0, 5)
    .map(({ unit }) => unit);
}

/** How many letters have to be put in, left out or replaced. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
