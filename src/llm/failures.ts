// What can go wrong between Banyan and a model's API, as one sentence each that names the mend. A provider's own words are
// quoted, cut to a line and with the key taken out, for some APIs repeat the key they were sent.
import { ProviderError, type ProviderFailure } from "./provider.js";

/** Where a model is reached; all that the sentences need to know. */
export interface Endpoint {
  /** `provider:model`. */
  readonly id: string;
  readonly baseUrl: string;
  /** What must answer there: "an OpenAI-compatible base URL". */
  readonly api: string;
  readonly stallTimeoutMs: number;
  /** Texts that must never appear in a message. */
  readonly secrets: readonly string[];
}

/** A failure before it is known whether anything had been streamed. */
export interface Failure {
  readonly code: ProviderFailure;
  readonly message: string;
  /** Whether the same request may succeed later. */
  readonly mayPass: boolean;
  readonly retryAfterMs?: number | undefined;
  /** How many tokens the model takes, where it said so. */
  readonly window?: number | undefined;
  readonly cause?: unknown;
}

const LONGEST_QUOTE = 300;

/** The error to throw. After the first event nothing may be repeated; before it, a cut connection is mere unavailability. */
export function providerError(failure: Failure, yielded: boolean): ProviderError {
  const code = failure.code === "provider_cut" && !yielded ? "provider_unavailable" : failure.code;
  const { message, retryAfterMs, window, cause } = failure;
  return new ProviderError(code, message, { retryable: failure.mayPass && !yielded, retryAfterMs, window, cause });
}

/** The API answered with a status that is not 2xx. `body` is its text, possibly empty. */
export function statusFailure(endpoint: Endpoint, status: number, headers: Headers, body: string): Failure {
  const { id, baseUrl } = endpoint;
  const said = quote(endpoint, `${status}`, errorText(body));
  const retryAfterMs = retryAfter(headers, Date.now());

  if (status === 401 || status === 403) {
    const message = `${id} refused the API key ${said}: set a valid key for it in the environment or in the config.`;
    return { code: "provider_auth", message, mayPass: false };
  }
  // Ollama says it with a 500, a proxy before Anthropic with a 413.
  if (status !== 429 && (status === 413 || isTooLong(body))) return tooLongFailure(endpoint, said, body);
  if (status === 429) {
    if (/insufficient_quota|billing/i.test(body)) {
      const message = `${id} has no quota left ${said}: add credit to the account, or choose another model.`;
      return { code: "provider_rate_limited", message, mayPass: false, retryAfterMs };
    }
    const wait = retryAfterMs === undefined ? "a while" : `${Math.ceil(retryAfterMs / 1000)} s`;
    const message = `${id} is limiting requests ${said}: wait ${wait} and send again, or choose another model.`;
    return { code: "provider_rate_limited", message, mayPass: true, retryAfterMs };
  }
  if (status >= 500 || status === 408 || status === 425) {
    const message = `${id} is not available ${said}: try again in a moment, or choose another model.`;
    return { code: "provider_unavailable", message, mayPass: true, retryAfterMs };
  }
  if (status === 404) {
    const message = `${id} was not found at ${baseUrl} ${said}: check the model's name and the base URL.`;
    return { code: "provider_request", message, mayPass: false };
  }
  if (status >= 300 && status < 400) {
    const message = `${baseUrl} has moved ${quote(endpoint, `${status}`, headers.get("location") ?? "")}: set the new base URL.`;
    return { code: "provider_request", message, mayPass: false };
  }
  const message = `${id} refused the request ${said}: change what it complains about, or choose another model.`;
  return { code: "provider_request", message, mayPass: false };
}

/** No answer came: refused, reset, unknown host, no route, a broken certificate. */
// Errno names, undici's own codes and those of a connection pool pass with time; a certificate or a forbidden port does not.
const PASSING = /^(E[A-Z]+|E[A-Z]+_[A-Z]+|UND_ERR_[A-Z_]+|pool_(full|timeout|cut|lost))$/;

export function connectionFailure(endpoint: Endpoint, thrown: unknown): Failure {
  const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
  const code = networkCode(cause);
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") return stallFailure(endpoint);
  const detail = quote(endpoint, code ?? "", code === undefined && cause instanceof Error ? cause.message : "");
  return {
    code: "provider_unavailable",
    message: `${endpoint.id} cannot be reached at ${endpoint.baseUrl} ${detail}: start its server, check the network or the base URL.`,
    mayPass: code !== undefined && PASSING.test(code) && !code.startsWith("ERR_"),
    cause: thrown,
  };
}

/** Not a byte came for the stall time. */
export function stallFailure(endpoint: Endpoint): Failure {
  const seconds = endpoint.stallTimeoutMs / 1000;
  const message = `${endpoint.id} sent nothing for ${seconds} s: send the message again, or raise the stall timeout for slow models.`;
  return { code: "provider_stalled", message, mayPass: true };
}

/** The connection ended before the answer did. */
export function cutFailure(endpoint: Endpoint, thrown?: unknown): Failure {
  const message = `The connection to ${endpoint.id} ended before its answer did: send the message again.`;
  return { code: "provider_cut", message, mayPass: true, cause: thrown };
}

/** The answer is not what the API's format allows. */
export function malformedFailure(endpoint: Endpoint, detail: string): Failure {
  const what = quote(endpoint, "", detail);
  const message = `${endpoint.id} answered in a form nobody can read ${what}: check that ${endpoint.baseUrl} is ${endpoint.api}.`;
  return { code: "provider_malformed", message, mayPass: false };
}

/** The API reported an error inside a stream that began well. */
export function reportedFailure(endpoint: Endpoint, reported: unknown): Failure {
  const words = JSON.stringify({ error: reported });
  const said = quote(endpoint, "", errorText(words));
  if (isTooLong(words)) return tooLongFailure(endpoint, said, words);
  const message = `${endpoint.id} broke off with an error ${said}: send the message again, or choose another model.`;
  return { code: "provider_cut", message, mayPass: true };
}

/** In the words of Anthropic, OpenAI, Ollama, llama.cpp, vLLM, LM Studio, Mistral, Groq and Google. */
const TOO_LONG = [
  /context_length_exceeded|exceed_context_size|request_too_large/,
  /prompt is too long|too large for model|input is too long/i,
  /exceeds? (?:the |its )?(?:available |maximum |model's )*(?:context|number of tokens)/i,
  /maximum context length|context (?:window|length) (?:of|is) (?:only |this )?|greater than the context length/i,
  /reduce the length of the messages/i,
];

function isTooLong(text: string): boolean {
  return TOO_LONG.some((pattern) => pattern.test(text));
}

function tooLongFailure({ id }: Endpoint, said: string, words: string): Failure {
  const message = `The conversation is longer than ${id} takes ${said}: shorten it with /compact, or choose a model with a larger window.`;
  return { code: "provider_too_long", message, mayPass: false, window: windowIn(words) };
}

/** Where a refusal as too long names the model's limit. */
const LIMITS = [
  /> (\d{3,9})\b/,
  /"n_ctx": ?(\d{3,9})/,
  /context (?:length|size|window)(?: is| of)?(?: only)? ?\(?(\d{3,9})/i,
  /tokens allowed \((\d{3,9})/i,
  /(\d{3,9}) maximum context length/i,
];

function windowIn(words: string): number | undefined {
  for (const pattern of LIMITS) {
    const [, number] = pattern.exec(words) ?? [];
    if (number !== undefined) return Number(number);
  }
  return undefined;
}

/** Reads `retry-after-ms`, or `Retry-After` as seconds or as an HTTP date, into milliseconds from `now`. */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const precise = headers.get("retry-after-ms")?.trim();
  if (precise !== undefined && /^\d+(\.\d+)?$/.test(precise)) return Math.round(Number(precise));
  const value = headers.get("retry-after")?.trim();
  if (value === undefined || value === "") return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.round(Number(value) * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** What an error body says, in whichever of the usual places it says it. */
function errorText(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    const error = field(parsed, "error") ?? field(parsed, "detail") ?? parsed;
    const text = field(error, "message") ?? error;
    return typeof text === "string" ? text : JSON.stringify(text);
  } catch {
    return /^\s*</.test(body) ? "a web page" : body;
  }
}

function field(value: unknown, name: string): unknown {
  // The check leaves an object, of which any field may be asked.
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function networkCode(cause: unknown): string | undefined {
  const code = field(cause, "code");
  return typeof code === "string" ? code : undefined;
}

/** `(401: their words)`, on one line, cut, without secrets. */
function quote(endpoint: Endpoint, label: string, words: string): string {
  let line = words;
  for (const secret of endpoint.secrets) line = line.replaceAll(secret, "[key]");
  line = line.replaceAll(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
  if (line.length > LONGEST_QUOTE) line = `${line.slice(0, LONGEST_QUOTE)}…`;
  const parts = [label, line].filter((part) => part !== "");
  return parts.length === 0 ? "(no details)" : `(${parts.join(": ")})`;
}
