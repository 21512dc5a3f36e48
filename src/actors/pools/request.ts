// A request through a pool, as its caller sees it: a function, an answer with a body to read, or a `fetch`. All that passes between
// here and the pool's process are messages; a piece of the body is asked for when the one before has been taken.
import { CallError, messageOf, type Ref } from "../../supervision/index.js";
import type { ConnectionPool, PooledHead, PooledRequest } from "./connection-pool.js";
import { PoolError } from "./pool-error.js";

/** The part of a pool that requests need; inside a process, hand in a ref bound to it. */
export type Pool = Ref<Pick<ConnectionPool, "open" | "read" | "close">>;

export interface PooledAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Read it to its end or cancel it: until then it holds one of the pool's connections, for a minute at most if nobody reads. */
  readonly body: ReadableStream<Uint8Array>;
}

/** Longer than any request may take: the pool's own deadline and the caller's signal end it. */
const FOREVER = Number.POSITIVE_INFINITY;
const LONGEST_MS = 24 * 3_600_000;

/**
 * Sends a request through the pool. `timeoutMs` (default 30,000) is the time until the answer begins, waiting in line included; the
 * signal ends the request and the body. Rejects with {@link PoolError}, or with the signal's reason.
 */
export async function request(
  pool: Pool,
  { signal, ...asked }: PooledRequest & { readonly signal?: AbortSignal | undefined },
): Promise<PooledAnswer> {
  signal?.throwIfAborted();
  const bound = pool.with({ timeout: FOREVER, ...(signal === undefined ? {} : { signal }) });
  const head = await told(bound.call.open(asked), signal);
  return {
    status: head.status,
    headers: new Headers(head.headers.map(([name, value]): [string, string] => [name, value])),
    body: bodyOf(bound, head, signal),
  };
}

/** The whole body, at most `limit` bytes; rejects with a {@link PoolError} past that. */
export async function bytesOf({ body }: PooledAnswer, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limit) throw new PoolError("pool_cut", `The answer is longer than ${limit} bytes and was not taken.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A `fetch` for addresses of the pool's origin, for what is built on one. It follows no redirect and knows no cookies. */
export function fetchThrough(pool: Pool): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    const { method = "GET", headers, body, signal } = init;
    if (body !== undefined && body !== null && typeof body !== "string" && !(body instanceof Uint8Array)) {
      throw new PoolError("pool_request", "Only texts and bytes can be sent through a pool.");
    }
    const asked = {
      path: pathname + search,
      method: method.toUpperCase() as NonNullable<PooledRequest["method"]>, // the pool checks it
      headers: Object.fromEntries(new Headers(headers)),
      ...(body === undefined || body === null ? {} : { body: body as string | Uint8Array }), // checked above
      timeoutMs: LONGEST_MS,
      signal: signal ?? undefined,
    };
    const answer = await request(pool, asked);
    const empty = answer.status === 204 || answer.status === 205 || answer.status === 304;
    if (empty) await answer.body.cancel();
    return new Response(empty ? null : answer.body, { status: answer.status, headers: answer.headers });
  };
}

function bodyOf(pool: Pool, { stream }: PooledHead, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  const close = (): void => pool.cast.close(stream);
  const stop = (): void => signal?.removeEventListener("abort", close);
  signal?.addEventListener("abort", close, { once: true });
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const chunk = await told(pool.call.read(stream), signal);
          if (chunk !== undefined) return controller.enqueue(chunk);
          stop();
          controller.close();
        } catch (error) {
          stop();
          throw error;
        }
      },
      cancel: () => {
        stop();
        close();
      },
    },
    { highWaterMark: 0 }, // nothing is read ahead of its reader
  );
}

async function told<T>(call: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await call;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof PoolError || !(error instanceof CallError)) throw error;
    throw new PoolError("pool_lost", `The connection pool ended meanwhile (${messageOf(error)}); ask again.`);
  }
}
