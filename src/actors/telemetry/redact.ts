// What nobody should find in a log, on a screen or in an answer to a stranger is taken out of a text here: every secret this
// process has resolved from a reference, word for word, and whatever looks like a key although nobody told us of it.
// The registry is the thread's, not a process's: a secret must not show again because the process that knew it crashed.

export const HIDDEN = "(hidden)";
/** Shorter ones are no secrets, and would riddle every text: "1", "true". */
const SHORTEST = 6;
const MOST_SECRETS = 5_000;
/** What lies beyond is cut off unread, so that a text costs no more than a millisecond. */
const LONGEST_TEXT = 64 * 1024;
const MAX_DEPTH = 100;

/** Longest first, so that a secret that holds another one goes as a whole. */
let secrets: readonly string[] = [];

/** From now on the value is hidden wherever {@link redact} is asked; each line of one of many lines, too. */
export function keepSecret(value: string): void {
  const fresh = formsOf(value).filter((text) => text.trim().length >= SHORTEST);
  secrets = [...new Set([...secrets, ...fresh])].sort((a, b) => b.length - a.length).slice(0, MOST_SECRETS);
}

/** Of a secret that is worth nothing any more: one that is replaced every hour would fill the list. */
export function dropSecret(value: string): void {
  const dropped = new Set(formsOf(value));
  secrets = secrets.filter((text) => !dropped.has(text));
}

function formsOf(value: string): string[] {
  return [value, ...value.split(/\r?\n/)].flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(Buffer.from(text).toString()), // half a character cannot be encoded
  ]);
}

/** Keeps what the names of variables call a key, a token, a secret or a password, whoever put it there. */
export function keepSecretsOf(env: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && /(?:key|token|secret|password|passphrase|credentials?)$/i.test(name)) keepSecret(value);
  }
}

/** What looks like a secret, and what stands for it. Every repetition is bounded: the texts are strangers'. */
const PATTERNS: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,8192}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g, HIDDEN],
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@:"']{0,256}:[^\s/@"']{1,256}@/gi, `$1${HIDDEN}@`],
  [/\b(Bearer)\s{1,4}[A-Za-z0-9._~+/=-]{6,8192}/gi, `$1 ${HIDDEN}`],
  // Base64, which no plain word of small letters is.
  [/\b([Bb]asic)\s{1,4}(?=[a-z+/]{0,255}[A-Z0-9=])[A-Za-z0-9+/=]{6,8192}/g, `$1 ${HIDDEN}`],
  [/\beyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{4,8192}(?:\.[A-Za-z0-9_-]{0,2048})?/g, HIDDEN],
  [/\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{8,512}/g, HIDDEN],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{16,255}|github_pat_[A-Za-z0-9_]{20,255})/g, HIDDEN],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, HIDDEN],
  [/\b(?:xox[abeoprs]-[A-Za-z0-9-]{8,255}|(?:glpat|npm)[-_][A-Za-z0-9_-]{16,255}|AIza[A-Za-z0-9_-]{30,64})/g, HIDDEN],
  // password=…, "api_key": "…"
  [
    /((?:token|secret|password|passwd|passphrase|api[_-]?key|authorization)(?:=|["']\s{0,4}:\s{0,4})["']?)[^\s"'&,;]{3,8192}/gi,
    `$1${HIDDEN}`,
  ],
];
/** None of the patterns fits a text without one of these, which costs a tenth to find out. */
const MAYBE =
  /:\/\/|PRIVATE KEY|bearer|basic|eyJ|[spr]k[-_]|glpat|npm[-_]|gh[pousr]_|github_pat_|AKIA|ASIA|xox|AIza|token|secret|passw|passphrase|api[_-]?key|authorization/i;

/** The text without secrets. */
export function redact(text: string): string {
  return redactWhole(text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) : text);
}

/** The text without secrets, however long it is; for where nobody waits, since a megabyte takes 20 ms or so. */
export function redactWhole(text: string): string {
  let clean = text;
  for (const secret of secrets) if (clean.includes(secret)) clean = clean.replaceAll(secret, HIDDEN);
  if (!MAYBE.test(clean)) return clean;
  for (const [pattern, instead] of PATTERNS) clean = clean.replace(pattern, instead);
  return clean;
}

/** Plain data with every text in it redacted; keys and shape stay. */
export function redactAll<T>(value: T, depth = 0): T {
  // Each branch gives back the kind it was given, which the compiler cannot follow.
  if (typeof value === "string") return redact(value) as T;
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item) => redactAll<unknown>(item, depth + 1)) as T;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, redactAll<unknown>(item, depth + 1)]),
  ) as T;
}

/** Plain data as it may leave the program: every text whole but for its secrets, and what a key calls a secret hidden. */
export function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactWhole(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      redactWhole(key),
      SECRET_KEY.test(key) ? HIDDEN : withoutSecrets(item, depth + 1),
    ]),
  );
}

/** A key whose value nobody should find in a file. */
const SECRET_KEY = /token(?!s$)|secret|passw|passphrase|api_?-?key|authorization|credential|cookie|private_?-?key/i;
const LONGEST_VALUE = 2_000;
const MOST_ITEMS = 50;
const DEEPEST = 6;

/** Fields as they may be written to a log: what a key calls a secret hidden, texts redacted and cut, depth and length bounded. */
export function loggable(fields: object, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .slice(0, MOST_ITEMS)
      .map(([key, field]) => [redact(key), SECRET_KEY.test(key) ? HIDDEN : loggableValue(field, depth)]),
  );
}

function loggableValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return shortened(redact(value));
  if (typeof value === "bigint") return `${value}`;
  if (value instanceof Error) return shortened(redact(`${value.name}: ${value.message}`));
  if (typeof value !== "object" || value === null) return value;
  if ("toJSON" in value) return shortened(redact(String(value)));
  if (depth >= DEEPEST) return "…";
  if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map((item) => loggableValue(item, depth + 1));
  return loggable(value, depth + 1);
}

function shortened(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}… (${text.length} characters)` : text;
}
