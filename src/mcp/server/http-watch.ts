// What every request over HTTP has, whatever it asks for: a trail that goes with it and back to who asked, and a count of its answer.
import type { HttpBindings } from "@hono/node-server";
import { announce } from "../../actors/telemetry/happenings.js";
import { ROUTES } from "./http.js";
import { type RequestTrail, trailFrom } from "./trail.js";

export function watched(
  { incoming, outgoing }: HttpBindings,
  answer: (trail: RequestTrail) => Promise<Response>,
): Promise<Response> {
  const started = performance.now();
  const trail = trailFrom(incoming.headers["x-request-id"], incoming.headers.traceparent);
  const { requestId } = trail;
  // Not on the Response: one whose headers were touched is no longer the adaptor's fast one.
  outgoing.setHeader("x-request-id", requestId);
  return answer(trail).then((response) => {
    const [path = ""] = (incoming.url ?? "").split("?", 1);
    const route = ROUTES.has(path) ? path : "other";
    const { status } = response;
    const ms = performance.now() - started;
    announce({ type: "http_request", method: incoming.method ?? "", route, status, ms, requestId });
    return response;
  });
}
