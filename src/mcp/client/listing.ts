// What is taken of a list a server gives: so many items, so many bytes, and of each item no more than anybody needs. The server
// decides how much it says; a listing that is kept in full could end the primary by its size alone.
import type { z } from "zod";

const MAX_ITEMS = 20_000;
/** Of all pages together, as they came. */
const MAX_BYTES = 33_554_432;
/** Of one item, its schemas included, once its description is cut. */
const MAX_ITEM_BYTES = 262_144;
const MAX_DESCRIPTION = 16_384;

type Flaw = "invalid" | "too large" | "cut";
const SAYING: Readonly<Record<Flaw, readonly [one: string, many: string]>> = {
  invalid: ["against the protocol; it is left out", "against the protocol; they are left out"],
  "too large": [
    "with more than 256 KB of schema; it is left out",
    "with more than 256 KB of schema; they are left out",
  ],
  cut: ["with a description that is too long; it is cut", "with descriptions that are too long; they are cut"],
};

/** A list as it grows, page by page. `S` is an item as the protocol has it, `T` as it is kept. */
export class Listing<S, T> {
  readonly items: T[] = [];
  private bytes = 0;
  private readonly flaws = new Map<Flaw, number>();

  constructor(
    private readonly schema: z.ZodType<S>,
    private readonly shape: (item: S) => T,
  ) {}

  /** False if this was more than is taken: no further page is wanted. */
  add(candidates: readonly unknown[]): boolean {
    for (const candidate of candidates) {
      if (this.items.length >= MAX_ITEMS) return false;
      this.bytes += sizeOf(candidate, MAX_BYTES - this.bytes);
      if (this.bytes >= MAX_BYTES) return false;
      this.take(candidate);
    }
    return true;
  }

  /** One sentence for each kind of thing that was wrong; `what` is the plural of an item. */
  faults(what: string): string[] {
    return [...this.flaws].map(([flaw, count]) => {
      const [one, many] = SAYING[flaw];
      return count === 1 ? `lists one of its ${what} ${one}` : `lists ${count} of its ${what} ${many}`;
    });
  }

  private take(candidate: unknown): void {
    const cut = cutDescription(candidate);
    if (cut !== candidate) this.note("cut");
    const parsed = this.schema.safeParse(cut);
    if (!parsed.success) return this.note("invalid");
    const item = this.shape(parsed.data);
    if (sizeOf(item, MAX_ITEM_BYTES) >= MAX_ITEM_BYTES) return this.note("too large");
    this.items.push(item);
  }

  private note(flaw: Flaw): void {
    this.flaws.set(flaw, (this.flaws.get(flaw) ?? 0) + 1);
  }
}

/** The beginning of a text, in memory of its own: a part of a string keeps the whole of it alive. */
export function cutText(text: string, longest: number): string {
  return text.length <= longest ? text : `${Buffer.from(text.slice(0, longest)).toString()}…`;
}

function cutDescription(item: unknown): unknown {
  if (typeof item !== "object" || item === null || !("description" in item)) return item;
  const { description } = item;
  if (typeof description !== "string" || description.length <= MAX_DESCRIPTION) return item;
  return { ...item, description: cutText(description, MAX_DESCRIPTION) };
}

/** About how many bytes of memory a parsed value takes; counting ends at `limit`. */
function sizeOf(value: unknown, limit: number): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  let size = 16;
  for (const [key, member] of Object.entries(value)) {
    size += key.length + sizeOf(member, limit - size);
    if (size >= limit) break;
  }
  return size;
}
