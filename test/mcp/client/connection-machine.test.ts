import { describe, expect, test } from "vitest";
import {
  attemptsAt,
  type ConnectionEvent,
  ConnectionLife,
  MAX_GROWTH,
  type RestartPolicy,
  STABLE_MS,
} from "../../../src/mcp/client/connection-machine.js";

const policy: RestartPolicy = { restart: "on-failure", maxRestarts: 3, restartDelayMs: 1_000 };
const lost = (at = 0, random = 0.5, clean = false): ConnectionEvent => ({
  type: "lost",
  reason: "killed",
  clean,
  at,
  random,
});
const failed = (permanent = false, at = 0): ConnectionEvent => ({
  type: "failed",
  reason: "no such file",
  permanent,
  at,
  random: 0.5,
});
const pingFailed: ConnectionEvent = { type: "ping-failed", reason: "no answer to a ping", at: 0, random: 0.5 };

function ready(options: Partial<RestartPolicy> = {}, at = 0): ConnectionLife {
  const life = new ConnectionLife({ ...policy, ...options });
  life.next({ type: "connect" });
  life.next({ type: "opened" });
  life.next({ type: "initialized", at });
  return life;
}

describe("the life of a connection", () => {
  test("opens on connect and is ready after the handshake", () => {
    const life = new ConnectionLife(policy);
    expect(life.state).toBe("disconnected");
    expect(life.next({ type: "connect" })).toEqual(["open"]);
    expect(life.state).toBe("connecting");
    expect(life.next({ type: "opened" })).toEqual([]);
    expect(life.state).toBe("initializing");
    expect(life.next({ type: "initialized", at: 5 })).toEqual([]);
    expect(life.state).toBe("ready");
  });

  test("a lost connection is closed, waited for and opened again", () => {
    const life = ready();
    expect(life.next(lost(100))).toEqual(["close", "scheduleRetry"]);
    expect(life.state).toBe("backoff");
    expect(life.context).toMatchObject({ attempts: 1, lastError: "killed", retryAt: 600 });
    expect(life.next({ type: "retry-due" })).toEqual(["open"]);
    expect(life.context.retryAt).toBeUndefined();
  });

  test("the pause doubles, has a random part, and never passes thirty times the first", () => {
    const ceilings: number[] = [];
    const life = new ConnectionLife({ ...policy, maxRestarts: 8 });
    life.next({ type: "connect" });
    for (let i = 0; i < 8; i++) {
      life.next({ type: "failed", reason: "x", permanent: false, at: 0, random: 0.999_999 });
      ceilings.push(Math.round((life.context.retryAt ?? 0) / 1_000));
      life.next({ type: "retry-due" });
    }
    expect(ceilings).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
    const unlucky = ready();
    unlucky.next(lost(50, 0));
    expect(unlucky.context.retryAt).toBe(50);
    expect(MAX_GROWTH).toBe(30);
  });

  test("after its restarts in a row it is parked with the reason, until somebody retries", () => {
    const life = ready();
    for (let i = 0; i < 3; i++) {
      life.next(lost());
      expect(life.state).toBe("backoff");
      life.next({ type: "retry-due" });
    }
    expect(life.next(lost())).toEqual(["close"]);
    expect(life.state).toBe("parked");
    expect(life.context.lastError).toBe("killed (gave up after 3 restarts in a row)");
    expect(life.next({ type: "retry-due" })).toEqual([]);
    expect(life.state).toBe("parked");
    expect(life.next({ type: "retry" })).toEqual(["open"]);
    expect(life.context.attempts).toBe(0);
  });

  test("one that is lost for a reason no retry mends is parked at once with that reason alone", () => {
    const life = ready({ restart: "always" });
    life.next(lost());
    life.next({ type: "retry-due" });
    life.next({ type: "opened" });
    const why = "it needs you to sign in";
    life.next({ type: "lost", reason: why, clean: false, permanent: true, at: 0, random: 0.5 });
    expect(life.state).toBe("parked");
    expect(life.context.lastError).toBe(why);
  });

  test("restart = always is bounded too", () => {
    const life = ready({ restart: "always", maxRestarts: 1 });
    life.next(lost(0, 0.5, true));
    expect(life.state).toBe("backoff");
    life.next({ type: "retry-due" });
    life.next(lost(0, 0.5, true));
    expect(life.state).toBe("parked");
  });

  test("a minute of health forgets earlier failures, less does not", () => {
    const life = ready();
    for (const [healthyMs, attempts] of [
      [STABLE_MS - 1, 1],
      [STABLE_MS - 1, 2],
      [STABLE_MS, 1],
    ] as const) {
      expect(life.state).toBe("ready");
      const since = life.context.readySince ?? 0;
      life.next(lost(since + healthyMs));
      expect(life.context.attempts).toBe(attempts);
      life.next({ type: "retry-due" });
      life.next({ type: "opened" });
      life.next({ type: "initialized", at: since + healthyMs });
    }
    expect(attemptsAt(life.context, (life.context.readySince ?? 0) + STABLE_MS)).toBe(0);
  });

  test("a server that meant to end (code 0) stays ended under on-failure, and comes back under always", () => {
    const onFailure = ready();
    expect(onFailure.next(lost(0, 0.5, true))).toEqual(["close"]);
    expect(onFailure.state).toBe("disconnected");
    expect(onFailure.context.lastError).toBe("killed");
    const always = ready({ restart: "always" });
    always.next(lost(0, 0.5, true));
    expect(always.state).toBe("backoff");
  });

  test("restart = never parks at the first failure", () => {
    const life = ready({ restart: "never" });
    life.next(lost());
    expect(life.state).toBe("parked");
  });

  test("a failure that no retry can mend parks at once", () => {
    const life = new ConnectionLife(policy);
    life.next({ type: "connect" });
    expect(life.next(failed(true))).toEqual(["close"]);
    expect(life.state).toBe("parked");
    expect(life.context.lastError).toBe("no such file");
  });

  test("one failed ping degrades, a good one mends, two in a row reconnect", () => {
    const life = ready();
    expect(life.next(pingFailed)).toEqual([]);
    expect(life.state).toBe("degraded");
    life.next({ type: "ping-ok" });
    expect(life.state).toBe("ready");
    expect(life.context.lastError).toBeUndefined();
    life.next(pingFailed);
    expect(life.next(pingFailed)).toEqual(["close", "scheduleRetry"]);
    expect(life.state).toBe("backoff");
  });

  test("a deliberate stop is no failure and is not restarted, whatever the exit looked like", () => {
    for (const restart of ["always", "on-failure", "never"] as const) {
      const life = ready({ restart });
      expect(life.next({ type: "disconnect" })).toEqual(["close"]);
      expect(life.state).toBe("stopping");
      expect(life.next(lost())).toEqual([]);
      expect(life.next({ type: "disconnect" })).toEqual([]);
      life.next({ type: "closed" });
      expect(life.state).toBe("disconnected");
      expect(life.context).toMatchObject({ attempts: 0, lastError: undefined });
    }
  });

  test("disconnect stops a retry that was waiting, and connect during the stop opens again", () => {
    const life = ready();
    life.next(lost());
    expect(life.next({ type: "disconnect" })).toEqual(["close"]);
    expect(life.next({ type: "retry-due" })).toEqual([]);
    expect(life.next({ type: "connect" })).toEqual(["open"]);
    expect(life.state).toBe("connecting");
    expect(life.next({ type: "closed" })).toEqual([]);
  });
});
