// What every request over HTTP has, whatever it asks for: a trail that goes with it and back to who asked, and a count of its answer.
import { announce } from "../../actors/telemetry/happenings.js";
import { ROUTES } from "./http.js";
import { setTrail, trailFrom } from "./trail.js";
import type { Request, Response } from "./web.js";

export async function watched(request: Request, answer: () => Response | Promise<Response>): Promise<Response> {
  const started = performance.now();
  const { incoming, outgoing, method, path } = request;
  const { requestId, ...trail } = trailFrom(incoming.headers["x-request-id"], incoming.headers.traceparent);
  setTrail(request, { requestId, ...trail });
  outgoing.setHeader("x-request-id", requestId);
  const response = await answer();
  const route = ROUTES.has(path) ? path : "other";
  const { status } = response;
  const ms = performance.now() - started;
  announce({ type: "http_request", method, route, status, ms, requestId });
  return response;
}
