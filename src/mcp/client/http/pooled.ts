// An exchange through the connection pool the settings have for a server's origin, in the place of connections of its own.
import { PoolError } from "../../../actors/pools/pool-error.js";
import { type Pool, request } from "../../../actors/pools/request.js";
import type { HttpAnswer, HttpRequest } from "./endpoint.js";

/** A call has a deadline of its own. */
const LONGEST = 24 * 3_600_000;

/** As the pool answers; rejects with its {@link PoolError}, or the signal's reason. */
export async function pooledExchange(
  pool: Pool,
  url: URL,
  { method, headers, body, signal }: Omit<HttpRequest, "url">,
): Promise<HttpAnswer> {
  const path = `${url.pathname}${url.search}`;
  const sent = body === undefined ? {} : { body };
  const answer = await request(pool, { path, method, headers: { ...headers }, ...sent, timeoutMs: LONGEST, signal });
  const header = (name: string): string | undefined => answer.headers.get(name) ?? undefined;
  return {
    status: answer.status,
    mediaType: mediaTypeOf(header("content-type")),
    header,
    body: buffers(answer.body),
    drop: () => void answer.body.cancel().catch(() => {}), // the pool keeps the connection if little was left
  };
}

/** What stands before the parameters, in small letters. */
export function mediaTypeOf(contentType = ""): string {
  return contentType.split(";")[0]?.trim().toLowerCase() ?? "";
}

/** What lay below a pool's error, which is what says why. */
export function belowPool(error: unknown): unknown {
  return error instanceof PoolError && error.cause !== undefined ? error.cause : error;
}

async function* buffers(body: ReadableStream<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of body) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
