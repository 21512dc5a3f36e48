// Which request something was done for, so that the log can be searched for it: the id that the client gave it (X-Request-Id) or that
// we did, which it finds in the answer, and the W3C trace context it is part of (traceparent), which goes on to the servers' spans.
import { randomBytes } from "node:crypto";

export interface RequestTrail {
  readonly requestId: string;
  readonly traceparent: string;
}

/** What is written to the log and sent back is bounded, and plain. */
const REQUEST_ID = /^[\w.:@/+=-]{1,128}$/;
/** W3C Trace Context, section 3.2; version ff is none, and neither id is all zeros. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Of a request with these headers. With a trace and no id of its own it goes by the trace's. */
export function trailFrom(requestId: unknown, traceparent: unknown): RequestTrail {
  const trace = typeof traceparent === "string" && TRACEPARENT.test(traceparent) ? traceparent : undefined;
  const said = typeof requestId === "string" && REQUEST_ID.test(requestId) ? requestId : undefined;
  if (trace !== undefined) return { requestId: said ?? traceIdOf(trace), traceparent: trace };
  const count = (++made).toString(16).padStart(16, "0");
  const traceId = OWN + count;
  return { requestId: said ?? traceId, traceparent: `00-${traceId}-${count}-00` };
}

/** Random for each program and counted in it: ids need be unique alone, and of random ones each would cost as much as all else here. */
const OWN = randomBytes(8).toString("hex");
let made = 0;

export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}
