// The gate's limits out of the settings. A rate that is not set is none on this machine: a program of your own that asks as fast as it
// can harms you no more than one that computes as fast as it can, and the number of requests at a time bounds what it takes. Elsewhere it is
// more than any client needs and less than what keeps this program from everybody else.
import { type Address, isLoopback } from "../address.js";
import type { GateLimits } from "./gate.js";
import { rateFrom } from "./token-bucket.js";

export interface GateSettings {
  readonly in_flight: number;
  readonly in_flight_session: number;
  readonly queue: number;
  /** Milliseconds. */
  readonly queue_wait: number;
  readonly rate?: string | undefined;
  readonly rate_session?: string | undefined;
  readonly rate_tool?: string | undefined;
}

const ELSEWHERE = { rate: "1000/s", rate_session: "500/s", rate_tool: "500/s" };

/** `address`: where clients come to; absent where they come by a pipe of this machine. */
export function gateLimits(settings: GateSettings, address?: Address): GateLimits {
  const usual = address === undefined || isLoopback(address.host) ? undefined : ELSEWHERE;
  return {
    inFlight: settings.in_flight,
    inFlightSession: settings.in_flight_session,
    queue: settings.queue,
    queueMs: settings.queue_wait,
    rate: rateFrom(settings.rate ?? usual?.rate),
    rateSession: rateFrom(settings.rate_session ?? usual?.rate_session),
    rateTool: rateFrom(settings.rate_tool ?? usual?.rate_tool),
  };
}
