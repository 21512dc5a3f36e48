import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type BreakerStatus, CircuitBreaker } from "../../src/actors/circuit-breaker.js";
import { Store } from "../../src/actors/store/store.js";
import { Application, child, exit, GenServer, named, whereis } from "../../src/supervision/index.js";
import { temporaryHome } from "../support/home.js";

const store = named<Store>("Store");
const breaker = named<CircuitBreaker>("Breaker");

async function start(options: { resetAfterMs?: number; probes?: number } = {}): Promise<void> {
  const arg = { service: "the model", failures: 5, resetAfterMs: 60_000, probes: 1, store, run: "run", ...options };
  const app = await Application.start({
    strategy: "one_for_one",
    children: [
      child(Store, { file: join(temporaryHome(), "banyan.db") }, { name: store }),
      child(CircuitBreaker, arg, { name: breaker }),
    ],
  });
  onTestFinished(() => app.stop());
}

async function failTimes(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await breaker.call.acquire();
    await breaker.call.failed("503 from the provider");
  }
}

class Counter extends GenServer<void, number> {
  protected override init() {
    this.state = 0;
  }
  breakerChanged() {
    this.state++;
  }
  seen() {
    return this.state;
  }
}

class Watcher extends GenServer<void, BreakerStatus["state"][]> {
  protected override init() {
    this.state = [];
  }
  breakerChanged({ state }: BreakerStatus) {
    if (this.state.at(-1) !== state) this.state.push(state);
  }
  seen() {
    return this.state;
  }
}

describe("CircuitBreaker", () => {
  it("opens after five failures in a row, refuses at once with a clear word, and one success closes the count", async () => {
    await start();
    await failTimes(4);
    await breaker.call.succeeded();
    await failTimes(4);
    expect((await breaker.call.status()).state).toBe("closed");
    await failTimes(1);
    await expect(breaker.call.acquire()).rejects.toThrow(
      /the model failed 5 times in a row \(503 from the provider\); it is asked again in (59|60) s/,
    );
  });

  it("lets one probe through after its time; its success closes, its failure opens again", async () => {
    await start({ resetAfterMs: 20 });
    const watcher = await Watcher.start();
    await breaker.call.watch(watcher);
    await failTimes(5);
    await expect.poll(async () => (await breaker.call.status()).state).toBe("half-open");
    await breaker.call.acquire();
    await expect(breaker.call.acquire()).rejects.toMatchObject({ code: "breaker_open" });
    await breaker.call.failed("still down");
    expect((await breaker.call.status()).state).toBe("open");
    await expect.poll(async () => (await breaker.call.status()).state).toBe("half-open");
    await breaker.call.acquire();
    await breaker.call.released();
    await breaker.call.acquire();
    await breaker.call.succeeded();
    await breaker.call.acquire();
    await breaker.call.acquire();
    expect(await watcher.call.seen()).toEqual(["closed", "open", "half-open", "open", "half-open", "closed"]);
  });

  it("tells each change once to a watcher that watches twice", async () => {
    await start();
    const watcher = await Counter.start();
    await breaker.call.watch(watcher);
    await breaker.call.watch(watcher);
    await failTimes(1);
    expect(await watcher.call.seen()).toBe(1);
  });

  it("wants as many good probes as it was told", async () => {
    await start({ resetAfterMs: 10, probes: 2 });
    await failTimes(5);
    await expect.poll(async () => (await breaker.call.status()).state).toBe("half-open");
    for (const after of ["half-open", "closed"]) {
      await breaker.call.acquire();
      await breaker.call.succeeded();
      expect((await breaker.call.status()).state).toBe(after);
    }
  });

  it("is still open after its own crash", async () => {
    await start();
    await failTimes(5);
    const { retryAt } = await breaker.call.status();
    const pid = whereis(breaker);
    exit(breaker, "kill");
    await pid?.down;
    expect(await breaker.call.status()).toMatchObject({ state: "open", failures: 5, retryAt });
    await expect(breaker.call.acquire()).rejects.toMatchObject({ code: "breaker_open" });
  });
});
