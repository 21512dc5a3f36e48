import { expect, it } from "vitest";
import { GenServer } from "../../src/supervision/index.js";

class Echo extends GenServer<void, { told: unknown[][] }> {
  protected override init(): void {
    this.state = { told: [] };
  }
  echo(...args: unknown[]): { count: number; args: unknown[] } {
    return { count: args.length, args };
  }
  tell(...args: unknown[]): void {
    this.state.told.push(args);
  }
  told(): unknown[][] {
    return this.state.told;
  }
}

const lists: unknown[][] = [[], [1], [undefined], [null], [[1, 2]], [[]], ["a", "b"], [[1], [2]], [{ length: 1 }]];

it("hands a method exactly the arguments it was called with, arrays and undefined included", async () => {
  const pid = await Echo.start();
  for (const args of lists) expect(await pid.call.echo(...args)).toEqual({ count: args.length, args });
  for (const args of lists) pid.cast.tell(...args);
  expect(await pid.call.told()).toEqual(lists);
});

it("gives a method's default only for an argument that is missing", async () => {
  class Defaults extends GenServer {
    by(amount = 7): number {
      return amount;
    }
  }
  const pid = await Defaults.start();
  expect(await pid.call.by()).toBe(7);
  expect(await pid.call.by(1)).toBe(1);
});
