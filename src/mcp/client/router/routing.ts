// How calls of one server's tools are routed: its settings, checked.
import { z } from "zod";

const tools = z.string().min(1).max(256);

export const routingSchema = z.strictObject({
  /** Places for calls at a time; each call takes its tool's cost. */
  concurrency: z.number().int().min(1).max(2_000).default(64),
  /** Which replica gets a call. */
  balance: z.enum(["round_robin", "least_latency", "hash"]).default("round_robin"),
  /** Milliseconds after which a read-only call that has no answer is sent again elsewhere; true: when it is slower than almost all. */
  hedge: z.union([z.boolean(), z.number().int().positive().max(86_400_000)]).default(false),
  /** By the server's own name of a tool: the `server.tool` to call in its place when it cannot be called. */
  fallbacks: z.record(tools, z.string().regex(/^[^.]+\../, "name a tool as server.tool")).default({}),
  /** By the server's own name of a tool: how many places a call of it takes. One when absent. */
  costs: z.record(tools, z.number().int().min(1).max(2_000)).default({}),
  /** A tool whose breaker has been open for so many milliseconds is left out of lists while it is. */
  hideAfterMs: z.number().int().positive().max(86_400_000).default(60_000),
});

export type Routing = z.output<typeof routingSchema>;
