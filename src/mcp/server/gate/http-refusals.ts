// What the gate refused, as HTTP says it: a JSON-RPC answer that is an error of the gate's goes out with a status of its own, where it is
// the only answer of its response. Whoever writes the response asks here.
import { z } from "zod";
import { FORBIDDEN, TOO_MUCH } from "./gate.js";

const refusal = z.object({
  error: z.object({
    code: z.union([z.literal(FORBIDDEN), z.literal(TOO_MUCH)]),
    data: z.object({ code: z.string(), retry_after_ms: z.number().nonnegative().optional() }),
  }),
});
/** Those a server behind Banyan gave the same number are not ours. */
const CODES = new Set(["forbidden", "rate_limited", "overloaded"]);

export interface HttpRefusal {
  readonly status: 403 | 429;
  readonly headers: Readonly<Record<string, string>>;
}

/** Of a JSON-RPC answer; `undefined` when the gate did not refuse it. */
export function httpRefusal(answer: object): HttpRefusal | undefined {
  if (!("error" in answer)) return undefined;
  const found = refusal.safeParse(answer);
  if (!found.success) return undefined;
  const { code, data } = found.data.error;
  if (!CODES.has(data.code)) return undefined;
  if (code === FORBIDDEN)
    return { status: 403, headers: { "WWW-Authenticate": 'Bearer realm="banyan", error="insufficient_scope"' } };
  return { status: 429, headers: { "Retry-After": `${Math.max(1, Math.ceil((data.retry_after_ms ?? 0) / 1_000))}` } };
}
