// A JSON-RPC message as it comes over any wire, before anybody trusts it.
import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/sdk/types.js";

/** Deeper JSON is refused: it would overflow the stack of whoever walks it next. */
const MAX_DEPTH = 200;
/** Faults of one kind that follow each other faster than this are one burst, in milliseconds. */
const BURST = 10_000;
const EXCERPT = 120;

/** Undefined for what is no JSON, or too deep. */
export function parseJson(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return isTooDeep(value, MAX_DEPTH) ? undefined : value;
  } catch {
    return undefined;
  }
}

function isTooDeep(value: unknown, left: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (left === 0) return true;
  // The keys of a long list as texts would take ten times the time of reading it.
  if (Array.isArray(value)) return value.some((item) => isTooDeep(item, left - 1));
  for (const key in value) {
    // Any object may be read by its own keys.
    if (isTooDeep((value as Record<string, unknown>)[key], left - 1)) return true;
  }
  return false;
}

/** In a message's `_meta`: the id of our request that it came in answer to, on the same stream. */
const ABOUT = "banyan/about";

/** Says in a request or notification which request of ours it is about; undefined: none that is known. Whatever the server says of
 * that itself is gone. */
export function markAbout(message: JSONRPCMessage, about: RequestId | undefined): void {
  if (!("method" in message) || (about === undefined && message.params?._meta?.[ABOUT] === undefined)) return;
  message.params = { ...message.params, _meta: { ...message.params?._meta, [ABOUT]: about } };
}

/** What {@link markAbout} has said. */
export function aboutOf(meta: Readonly<Record<string, unknown>> | undefined): RequestId | undefined {
  const about = meta?.[ABOUT];
  return typeof about === "number" || typeof about === "string" ? about : undefined;
}

/** The envelope only; the SDK checks what it carries when it is used. */
export function isMessage(value: unknown): value is JSONRPCMessage {
  return typeof value === "object" && value !== null && "jsonrpc" in value && value.jsonrpc === "2.0";
}

/** The id of the call that a too long answer belongs to: servers write it first or last. */
export function answeredId(head: string, tail: string): number | undefined {
  if (/^\s*\{[^{[]{0,64}"method"/.test(head)) return undefined;
  const found =
    /"id"\s*:\s*(\d{1,15})\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/.exec(tail) ??
    /^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(\d{1,15})\s*,/.exec(head);
  return found?.[1] === undefined ? undefined : Number(found[1]);
}

/** What came and was no message: counted, and reported once a burst, for the reporting must not become the flood. */
export class Garbage {
  count = 0;
  private reportedAt = Number.NEGATIVE_INFINITY;
  private unreported = 0;

  /** `what` begins the report, such as "wrote something that is no message". */
  constructor(
    private readonly what: string,
    private readonly report: (fault: string) => void,
  ) {}

  add(text: string): void {
    this.count++;
    this.unreported++;
    const now = performance.now();
    if (now - this.reportedAt < BURST) return;
    const more = this.unreported > 1 ? ` (and ${this.unreported - 1} more like it)` : "";
    this.report(`${this.what}${more}: ${text.slice(0, EXCERPT)}`);
    this.reportedAt = now;
    this.unreported = 0;
  }
}
