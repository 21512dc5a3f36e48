import { describe, expect, it } from "vitest";
import { Gauge, type Thresholds } from "../../../src/actors/health/gauge.js";

function levels(thresholds: Thresholds, samples: readonly number[]): string {
  const gauge = new Gauge();
  return samples.map((sample) => gauge.read(sample, thresholds)).join(" ");
}

describe("Gauge", () => {
  it("rises at once, from ok to error too", () => {
    expect(levels({ warn: 10, error: 20 }, [9, 10, 20, 30])).toBe("ok warn error error");
    expect(levels({ warn: 10, error: 20 }, [9, 25])).toBe("ok error");
  });

  it("falls after three samples in a row that are clearly lower, to where they are", () => {
    expect(levels({ warn: 10, error: 20 }, [25, 15, 15, 15, 1, 1, 1])).toBe("error error error warn warn warn ok");
  });

  it("does not flap around a threshold", () => {
    expect(levels({ warn: 10 }, [10, 9, 9, 9, 9, 9, 9])).toBe("warn warn warn warn warn warn warn");
    expect(levels({ warn: 10 }, [10, 1, 1, 11, 1, 1, 11, 1, 1])).toBe("warn warn warn warn warn warn warn warn warn");
  });

  it("takes one high sample for nothing where it is told to be patient", () => {
    expect(levels({ warn: 10, patience: 2 }, [50, 1, 50, 1, 50, 50, 1])).toBe("ok ok ok ok ok warn warn");
  });
});
