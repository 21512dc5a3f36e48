// One JSON-RPC 2.0 request, or several at once, over fetch: what comes back is looked at before it is believed, and whatever goes
// wrong is one of three errors.
import { NotBanyanError, RefusedError, UnreachableError } from "./errors.js";

export interface RpcOptions {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly key: string | undefined;
  /** Milliseconds for the whole of a request. */
  readonly timeoutMs: number;
}

export interface Asked {
  readonly method: string;
  readonly params: object;
}

/** Bytes of an answer. */
const LONGEST_ANSWER = 16 * 1024 * 1024;
/** Of an error: characters of what is said, and how much is. */
const LONGEST_WORD = 1_000;
const MOST_WORDS = 100;

export class Rpc {
  private ids = 0;

  constructor(private readonly options: RpcOptions) {}

  /** Rejects with one of the errors of errors.ts. */
  async request(method: string, params: object): Promise<object> {
    const answer = this.resultIn(await this.post({ jsonrpc: "2.0", id: ++this.ids, method, params }), this.ids);
    if (answer instanceof Error) throw answer;
    return answer;
  }

  /** Answers in the order of what was asked; an answer is the result, or why there is none. */
  async batch(asked: readonly Asked[]): Promise<readonly (object | RefusedError)[]> {
    const calls = asked.map(({ method, params }) => ({ jsonrpc: "2.0", id: ++this.ids, method, params }));
    const { status, body, retryAfterMs } = await this.post(calls);
    if (!Array.isArray(body)) {
      const answer = this.resultIn({ status, body, retryAfterMs }, null);
      throw answer instanceof Error ? answer : new NotBanyanError(this.options.url, "a batch was not answered as one");
    }
    const answers = new Map(body.map((each: unknown) => [isRecord(each) ? each.id : undefined, each]));
    return calls.map(({ id }) => this.resultIn({ status, body: answers.get(id), retryAfterMs }, id));
  }

  private async post(said: unknown): Promise<Posted> {
    const { url, key, timeoutMs } = this.options;
    const content = JSON.stringify(said);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json",
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        body: content,
        redirect: "error", // a key is for the one it was given for
        signal: AbortSignal.timeout(timeoutMs),
      });
      const after = Number(response.headers.get("retry-after") ?? Number.NaN);
      const retryAfterMs = Number.isFinite(after) ? after * 1_000 : undefined;
      return { status: response.status, body: parsed(await textOf(response)), retryAfterMs };
    } catch (error) {
      throw new UnreachableError(url, whyOf(error, timeoutMs), error);
    }
  }

  private resultIn({ status, body, retryAfterMs }: Posted, id: number | null): object {
    const { url } = this.options;
    if (isRecord(body) && body.jsonrpc === "2.0" && isRecord(body.error)) {
      const { code, message, data } = body.error;
      const told = isRecord(data) ? data : {};
      const errors = told.validation_errors;
      const again = told.retry_after_ms;
      return new RefusedError(typeof message === "string" ? message.slice(0, LONGEST_WORD) : "Banyan refused.", {
        rpcCode: typeof code === "number" ? code : undefined,
        status,
        validationErrors: Array.isArray(errors) ? errors.flatMap(asWord).slice(0, MOST_WORDS) : [],
        retryAfterMs: typeof again === "number" ? again : retryAfterMs,
      });
    }
    // Before Banyan, or while it stops: nobody is there yet, or any more.
    if (status >= 502 && status <= 504) return new UnreachableError(url, `HTTP ${status}`);
    if (status === 401 || status === 403 || status === 429) {
      const next = status === 429 ? "ask less often" : "give the client a key that may ask this";
      return new RefusedError(`Banyan at ${url} refused with HTTP ${status}; ${next}.`, {
        ...{ rpcCode: undefined, status, validationErrors: [], retryAfterMs },
      });
    }
    if (!isRecord(body) || body.jsonrpc !== "2.0" || body.id !== id || !isRecord(body.result))
      return new NotBanyanError(url, `HTTP ${status} and no JSON-RPC answer`);
    return body.result;
  }
}

interface Posted {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs: number | undefined;
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > LONGEST_ANSWER) throw new Error(`its answer is longer than ${LONGEST_ANSWER} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function whyOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer in ${timeoutMs} ms`;
  const { cause } = error;
  if (cause instanceof Error) return "code" in cause ? String(cause.code) : cause.message;
  return error.message;
}

function asWord(said: unknown): string[] {
  return typeof said === "string" ? [said.slice(0, LONGEST_WORD)] : [];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
