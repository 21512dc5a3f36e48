// What may be written down of an action's details: secrets left out, by what their key is called and by what they look like,
// and long things cut. An audit is read by many and kept for ever.
import { HIDDEN, redact } from "../telemetry/redact.js";

/** A key whose value nobody should find in a file. */
const SECRET_KEY = /token|secret|passw(or)?d|passphrase|api_?-?key|private_?-?key|authorization|credential|cookie/i;

const MAX_TEXT = 500;
const MAX_ITEMS = 50;
const MAX_DEPTH = 6;
/** Of all texts together, in UTF-16 units. */
const MAX_TOTAL = 8_000;

/** A copy of the details that may be kept: plain JSON, its keys in order. */
export function redacted(detail: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return new Redaction().table(detail, 0);
}

class Redaction {
  private left = MAX_TOTAL;

  table(table: object, depth: number): Record<string, unknown> {
    const members = Object.entries(table).sort(([one], [other]) => (one < other ? -1 : 1));
    const kept = members
      .slice(0, MAX_ITEMS)
      .map(([key, value]) => [this.text(key), SECRET_KEY.test(key) ? HIDDEN : this.value(value, depth + 1)] as const);
    if (members.length > MAX_ITEMS) kept.push(["…", `${members.length - MAX_ITEMS} more`]);
    return Object.fromEntries(kept);
  }

  private value(value: unknown, depth: number): unknown {
    if (typeof value === "string") return this.text(value);
    if (typeof value === "bigint") return String(value);
    if (typeof value !== "object" || value === null) return value;
    if (depth >= MAX_DEPTH) return "…";
    if (!Array.isArray(value)) return this.table(value, depth);
    const kept = value.slice(0, MAX_ITEMS).map((item) => this.value(item, depth + 1));
    return value.length > MAX_ITEMS ? [...kept, `… ${value.length - MAX_ITEMS} more`] : kept;
  }

  /** Secrets are looked for before the text is cut: half a key looks like none. */
  private text(text: string): string {
    const limit = Math.max(0, Math.min(MAX_TEXT, this.left));
    const clean = redact(text.slice(0, MAX_TEXT * 20));
    this.left -= Math.min(clean.length, limit);
    if (clean.length <= limit && text.length <= MAX_TEXT * 20) return clean;
    return `${clean.slice(0, limit)}… (${text.length} characters)`;
  }
}
