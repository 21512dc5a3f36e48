// What may be written down of an action's details: secrets left out, by what their key is called and by what they look like,
// and long things cut. An audit is read by many and kept for ever.

/** A key whose value nobody should find in a file. */
const SECRET_KEY = /token|secret|passw(or)?d|passphrase|api_?-?key|private_?-?key|authorization|credential|cookie/i;
/** What secrets look like wherever they stand. */
const SECRETS: readonly RegExp[] = [
  /\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}/g, // OpenAI, Anthropic, Stripe
  /\b(?:gh[pousr]|github_pat|glpat|xox[abposr]|npm)[-_][A-Za-z0-9_-]{16,}/g, // GitHub, GitLab, Slack, npm
  /\bAKIA[0-9A-Z]{16}\b/g, // AWS
  /\bAIza[0-9A-Za-z_-]{30,}/g, // Google
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, // JWT
  /\b(?:Bearer|Basic)\s+[A-Za-z0-9+/_.=-]{8,}/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /(?<=:\/\/[^\s/:@]{0,100}:)[^\s/@]{1,200}(?=@)/g, // the password in an address
];
const HIDDEN = "(hidden)";

const MAX_TEXT = 500;
const MAX_ITEMS = 50;
const MAX_DEPTH = 6;
/** Of all texts together, in UTF-16 units. */
const MAX_TOTAL = 8_000;

/** A copy of the details that may be kept: plain JSON, its keys in order. */
export function redacted(detail: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return new Redaction().table(detail, 0);
}

/** The text without what looks like a secret. */
export function redactedText(text: string): string {
  return SECRETS.reduce((clean, secret) => clean.replace(secret, HIDDEN), text);
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
    const clean = redactedText(text.slice(0, MAX_TEXT * 20));
    this.left -= Math.min(clean.length, limit);
    if (clean.length <= limit && text.length <= MAX_TEXT * 20) return clean;
    return `${clean.slice(0, limit)}… (${text.length} characters)`;
  }
}
