// One HTTP exchange with a model's API. It is the `fetch` the AI SDK is given, and the one place where silence, refusals, cut
// connections and oversized answers are seen. The SDK wraps what a fetch throws in errors of its own that carry the whole
// request, so a failure is kept here, in `failure`, and read by the stream that owns the exchange.
import {
  connectionFailure,
  cutFailure,
  type Endpoint,
  type Failure,
  malformedFailure,
  stallFailure,
  statusFailure,
} from "./failures.js";

/** The longest answer that is read, in bytes; a model that writes more is broken. */
const LONGEST_ANSWER = 128 * 1024 * 1024;
/** The part of an error's body that is read, in bytes. */
const LONGEST_ERROR = 64 * 1024;

export class Exchange {
  /** The first thing that went wrong, if anything has. */
  failure: Failure | undefined;
  readonly #endpoint: Endpoint;
  readonly #caller: AbortSignal;
  readonly #send: typeof globalThis.fetch;
  readonly #abort = new AbortController();
  readonly #onCallerAbort = () => this.#abort.abort(this.#caller.reason);

  /** @param send how a request is made; by default `globalThis.fetch` as it is then */
  constructor(
    endpoint: Endpoint,
    caller: AbortSignal,
    send: typeof globalThis.fetch = (...args) => globalThis.fetch(...args),
  ) {
    this.#endpoint = endpoint;
    this.#send = send;
    this.#caller = caller;
    caller.addEventListener("abort", this.#onCallerAbort, { once: true });
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    let response: Response;
    try {
      // A redirect would carry the conversation to a place nobody named.
      const request = this.#send(input, { ...init, signal: this.#abort.signal, redirect: "manual" });
      response = await this.#beforeStall(request);
    } catch (thrown) {
      throw this.fail(connectionFailure(this.#endpoint, thrown));
    }
    if (!response.ok) {
      const body = await this.#errorBody(response);
      throw this.fail(statusFailure(this.#endpoint, response.status, response.headers, body));
    }
    const type = response.headers.get("content-type") ?? "";
    if (/\b(html|json)\b/i.test(type)) {
      const body = await this.#errorBody(response);
      throw this.fail(malformedFailure(this.#endpoint, `${type}: ${body.slice(0, 200)}`));
    }
    if (response.body === null) throw this.fail(cutFailure(this.#endpoint));
    return new Response(this.#watched(response.body), { status: response.status, headers: response.headers });
  };

  /** Notes what went wrong, unless something has before, and gives an error to throw. */
  fail(failure: Failure): Error {
    this.failure ??= failure;
    return new Error(this.failure.message);
  }

  /** Lets go of the connection, whatever state it is in. */
  close(): void {
    this.#caller.removeEventListener("abort", this.#onCallerAbort);
    this.#abort.abort();
  }

  /**
   * The body as it comes. Where it breaks off the failure is noted and the stream ends in order, so that everything that
   * arrived before is still delivered, and an answer that was already finished stays a good one.
   */
  #watched(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    let received = 0;
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        try {
          const { done, value } = await this.#beforeStall(reader.read());
          if (done) return controller.close();
          received += value.byteLength;
          if (received <= LONGEST_ANSWER) return controller.enqueue(value);
          this.fail(malformedFailure(this.#endpoint, `more than ${LONGEST_ANSWER} bytes`));
        } catch (thrown) {
          this.fail(cutFailure(this.#endpoint, thrown));
        }
        this.#abort.abort();
        controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    });
  }

  async #errorBody(response: Response): Promise<string> {
    if (response.body === null) return "";
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    try {
      while (text.length < LONGEST_ERROR) {
        const { done, value } = await this.#beforeStall(reader.read());
        if (done) break;
        text += decoder.decode(value, { stream: true });
      }
    } catch {
      // The status alone says what failed.
    }
    void reader.cancel().catch(() => {});
    return text;
  }

  /**
   * Waits for what the network owes us, but not longer than the stall time: then the connection is given up. Only an open
   * read counts, so a reader that is slow itself never makes a stall.
   */
  async #beforeStall<T>(pending: Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.fail(stallFailure(this.#endpoint));
      this.#abort.abort();
    }, this.#endpoint.stallTimeoutMs);
    try {
      return await pending;
    } finally {
      clearTimeout(timer);
    }
  }
}
