// Random things from the system's generator; with a seed the same ones every time, from a stream of SHA-256, which is not for secrets.
import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { formatNumber } from "./calculate.js";
import { defineTool, ToolError } from "./define.js";

const KINDS = ["uuid", "uuid7", "integer", "float", "choice", "shuffle", "password", "hex", "dice"] as const;
const SIGNS = {
  letters: "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ",
  digits: "23456789",
  symbols: "!#$%&*+-=?@_~",
};

export const random = defineTool({
  name: "random",
  description:
    "Make random things: UUIDs (version 4, or 7, which sort by time), integers, floats, a choice from a list, a list in random order, passwords, hex " +
    "bytes, dice such as 3d6+2. Use it whenever chance is asked for, since you cannot be random yourself. With a seed the same come each " +
    "time: for tests, never for passwords.",
  input: z.strictObject({
    kind: z.enum(KINDS).describe("What to make"),
    count: z.int().min(1).max(1_000).default(1).describe("How many; for choice: how many different items"),
    min: z
      .number()
      .min(-Number.MAX_SAFE_INTEGER)
      .max(Number.MAX_SAFE_INTEGER)
      .default(0)
      .describe("integer, float: the least"),
    max: z
      .number()
      .min(-Number.MAX_SAFE_INTEGER)
      .max(Number.MAX_SAFE_INTEGER)
      .default(100)
      .describe("integer: the greatest, may come; float: comes never"),
    items: z.array(z.string().max(1_000)).max(10_000).optional().describe("choice, shuffle: the list"),
    length: z.int().min(1).max(1_024).default(20).describe("password: characters; hex: bytes"),
    symbols: z.boolean().default(true).describe("password: with signs such as # and ?"),
    dice: z.string().max(40).optional().describe("dice: such as d20, 3d6+2"),
    seed: z.string().max(200).optional().describe("Any text; the same text gives the same things"),
  }),
  annotations: {
    title: "Random",
    readOnlyHint: true,
    idempotentHint: false,
    destructiveHint: false,
    openWorldHint: false,
  },
  handler({ kind, count, seed, ...args }) {
    if (kind === "password" && seed !== undefined)
      throw new ToolError("A password from a seed is no secret; leave out seed.");
    const bytes = seed === undefined ? (n: number): Uint8Array => randomBytes(n) : seeded(seed);
    const many = (make: () => string) => Array.from({ length: count }, make).join("\n");
    switch (kind) {
      case "uuid":
        return many(() => uuid(bytes(16), 4));
      case "uuid7":
        return many(() => uuid(withTime(bytes(16)), 7));
      case "integer": {
        const [low, high] = [Math.ceil(args.min), Math.floor(args.max)];
        if (high < low) throw new ToolError("No integer lies between min and max; let max be at least min.");
        return many(() => String(low + below(high - low + 1, bytes)));
      }
      case "float":
        if (args.max <= args.min) throw new ToolError("max must be greater than min for a float.");
        return many(() => String(args.min + fraction(bytes) * (args.max - args.min)));
      case "choice":
      case "shuffle": {
        const { items } = args;
        if (items === undefined || items.length === 0) throw new ToolError(`Give items, the list for ${kind}.`);
        const mixed = shuffled(items, bytes);
        if (kind === "shuffle") return mixed.join("\n");
        if (count > items.length)
          throw new ToolError(`${count} different items cannot be chosen of ${items.length}; lower count.`);
        return mixed.slice(0, count).join("\n");
      }
      case "password":
        return many(() => password(args.length, args.symbols, bytes));
      case "hex":
        return many(() => Buffer.from(bytes(args.length)).toString("hex"));
      case "dice":
        return many(() => rolled(args.dice ?? "d6", bytes));
    }
  },
});

type Bytes = (count: number) => Uint8Array;

/** SHA-256 of the seed and a counter, block by block. */
function seeded(seed: string): Bytes {
  let block = 0;
  let rest = Buffer.alloc(0);
  return (count) => {
    while (rest.length < count) {
      rest = Buffer.concat([rest, createHash("sha256").update(`${block++}:${seed}`).digest()]);
    }
    const taken = rest.subarray(0, count);
    rest = rest.subarray(count);
    return taken;
  };
}

/** An integer from 0 to `limit` - 1, every one as likely: numbers beyond the last whole multiple are drawn again. */
function below(limit: number, bytes: Bytes): number {
  const range = BigInt(limit);
  const space = 1n << 64n;
  const fair = space - (space % range);
  for (;;) {
    const drawn = Buffer.from(bytes(8)).readBigUInt64BE();
    if (drawn < fair) return Number(drawn % range);
  }
}

/** From 0 to 1, without 1. */
function fraction(bytes: Bytes): number {
  return Number(Buffer.from(bytes(8)).readBigUInt64BE() >> 11n) / 2 ** 53;
}

function uuid(bytes: Uint8Array, version: number): string {
  const own = Buffer.from(bytes);
  own[6] = ((own[6] ?? 0) & 0x0f) | (version << 4);
  own[8] = ((own[8] ?? 0) & 0x3f) | 0x80;
  return own.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function withTime(bytes: Uint8Array): Uint8Array {
  const own = Buffer.from(bytes);
  own.writeUIntBE(Date.now(), 0, 6);
  return own;
}

function shuffled(items: readonly string[], bytes: Bytes): string[] {
  const mixed = [...items];
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = below(at + 1, bytes);
    [mixed[at], mixed[other]] = [mixed[other] ?? "", mixed[at] ?? ""];
  }
  return mixed;
}

/** At least one of each kind of sign where there is room; none that looks like another. */
function password(length: number, symbols: boolean, bytes: Bytes): string {
  const kinds = symbols ? [SIGNS.letters, SIGNS.digits, SIGNS.symbols] : [SIGNS.letters, SIGNS.digits];
  const all = kinds.join("");
  for (;;) {
    const made = Array.from({ length }, () => all[below(all.length, bytes)] ?? "").join("");
    if (length < kinds.length || kinds.every((kind) => [...made].some((sign) => kind.includes(sign)))) return made;
  }
}

function rolled(text: string, bytes: Bytes): string {
  const [, number = "", sides = "", plus = ""] = /^\s*(\d{0,3})d(\d{1,6})\s*([+-]\s*\d{1,6})?\s*$/i.exec(text) ?? [];
  const [dice, faces] = [Number(number || 1), Number(sides)];
  if (dice < 1 || dice > 100 || faces < 1)
    throw new ToolError(`"${text}" is no roll of dice; write it like 3d6+2, with at most 100 dice.`);
  const rolls = Array.from({ length: dice }, () => 1 + below(faces, bytes));
  const more = Number(plus.replace(/\s/g, "") || 0);
  const total = rolls.reduce((sum, roll) => sum + roll, more);
  return dice === 1 && more === 0
    ? String(total)
    : `${formatNumber(total)} (${rolls.join(" + ")}${more === 0 ? "" : ` ${more < 0 ? "-" : "+"} ${Math.abs(more)}`})`;
}
