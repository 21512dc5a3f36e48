// convert_units, statistics, random.
import { describe, expect, it } from "vitest";
import { convertUnits } from "../../tools/convert-units.js";
import { random } from "../../tools/random.js";
import { statistics } from "../../tools/statistics.js";
import { callTool } from "../support/call-tool.js";
import { makeWorkspace } from "../support/workspace.js";

describe("convert_units", () => {
  const convert = async (value: number, from: string, ...to: string[]) =>
    (await callTool(convertUnits, { value, from, to })).text;

  it.each([
    [5, "km", "mi", "5 km = 3.106855961187 mi"],
    [100, "°C", "°F", "100 °C = 212 °F"],
    [-40, "fahrenheit", "celsius", "-40 fahrenheit = -40 celsius"],
    [1, "GiB", "MB", "1 GiB = 1073.741824 MB"],
    [8, "Mb", "MB", "8 Mb = 1 MB"],
    [100, "km/h", "mph", "100 km/h = 62.13711922373 mph"],
    [100, "Mbps", "MB/s", "100 Mbps = 12.5 MB/s"],
    [10, "knots", "kilometers per hour", "10 knots = 18.52 kilometers per hour"],
    [1, "m^2", "square feet", "1 m^2 = 10.76391041671 square feet"],
    [2, "Pounds", "kilograms", "2 Pounds = 0.90718474 kilograms"],
    [1, "litre", "ml", "1 litre = 1000 ml"],
    [1, "kWh", "MJ", "1 kWh = 3.6 MJ"],
    [180, "deg", "rad", "180 deg = 3.14159265359 rad"],
    [90, "min", "hours", "90 min = 1.5 hours"],
  ])("%s %s in %s", async (value, from, to, said) => {
    expect(await convert(value, from, to)).toBe(said);
  });

  it("converts to several units at once", async () => {
    expect(await convert(1, "mile", "km", "ft")).toBe("1 mile = 1.609344 km\n1 mile = 5280 ft");
  });

  it.each([
    ["kilometr", "m", /No unit is named "kilometr"; near it are kilometer, /],
    ["km", "kg", /do not measure the same/],
    ["km/h", "km", /do not measure the same/],
    ["a/b/c", "m", /more than one "\/"/],
    ["constructor", "m", /No unit is named "constructor"/],
    ["__proto__", "m", /No unit is named/],
  ])("explains why %s in %s cannot be", async (from, to, sentence) => {
    expect(await convert(1, from, to)).toMatch(sentence);
  });

  it("says that a result is beyond numbers", async () => {
    expect(await convert(1e308, "km", "fm")).toMatch(/too large for a number/);
  });
});

describe("statistics", () => {
  const work = makeWorkspace();
  work.write("points.csv", "x,y,name\n1,2,a\n2,4.1,b\n3,5.9,c\n4,8,d\n,9,e\n5,oops,f\n");
  const ask = (args: Record<string, unknown>) => callTool(statistics, args, { root: work.root });
  /** Lines as a map from what stands before two spaces to what stands behind. */
  const figures = async (args: Record<string, unknown>) =>
    Object.fromEntries((await ask(args)).text.split("\n").map((line) => line.split(/ {2,}/)));

  it("tells what people ask about a list of numbers", async () => {
    expect(await figures({ values: [2, 4, 4, 4, 5, 5, 7, 9], quantiles: [0.5] })).toMatchObject({
      count: "8",
      sum: "40",
      mean: "5",
      median: "4.5",
      mode: "4 (3 times)",
      minimum: "2",
      maximum: "9",
      "standard deviation (population)": "2",
      "standard deviation (sample)": "2.138089935",
      "quantile 0.5": "4.5",
    });
    expect(await figures({ values: [7] })).toMatchObject({
      mean: "7",
      "standard deviation (sample)": "needs two numbers",
      skewness: "none",
    });
    expect(await figures({ values: [1, 2, 3, 4, 1_000] })).toMatchObject({
      "outliers (1.5 × that range)": "1: 1000",
      mode: "none: every value once",
    });
  });

  it("reads columns of a table and tells how they go together, and what was left out", async () => {
    const result = await ask({ path: "points.csv", column: "x", other_column: "y" });
    expect(result.texts[0]).toMatch(/^count +4\n/);
    expect(result.texts[1]).toMatch(
      /correlation \(Pearson\) +0\.999.*\n.*\n.*\nlinear regression +other = 1\.98 × value \+ 0\.05\nR² +0\.99/,
    );
    expect(result.texts[2]).toBe("(2 rows left out, without both numbers.)");
  });

  it("draws a histogram", async () => {
    const { texts } = await ask({ values: [0, 1, 1, 9, 10], histogram: 2 });
    expect(texts[1]).toBe(`0  to under 5  3  ${"█".repeat(40)}\n5  to 10       2  ${"█".repeat(27)}`);
    expect((await ask({ values: [3, 3], histogram: 1 })).texts[1]).toContain("█");
  });

  it.each([
    [{}, /Give values, or path or text with column/],
    [{ values: [1], path: "points.csv" }, /Give either values, or path/],
    [{ values: [1, 2], others: [1] }, /values has 2 numbers and others 1/],
    [{ path: "points.csv", column: "z" }, /No column is named "z"; the columns are x, y, name/],
    [{ path: "points.csv", column: "name" }, /has no numbers/],
    [{ values: [1, 1], others: [1, 2] }, /none: one of them is always the same/],
  ])("says what is wrong with %j", async (args, sentence) => {
    expect((await ask(args)).text).toMatch(sentence);
  });
});

describe("random", () => {
  const make = async (args: Record<string, unknown>) => (await callTool(random, args)).text.split("\n");

  it("makes UUIDs of version 4 and 7", async () => {
    const four = await make({ kind: "uuid", count: 50 });
    for (const id of four) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(four).size).toBe(50);
    const before = Date.now();
    const [seven = ""] = await make({ kind: "uuid7" });
    expect(seven[14]).toBe("7");
    const time = Number.parseInt(seven.replaceAll("-", "").slice(0, 12), 16);
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  });

  it("keeps numbers within their bounds, every integer of them possible", async () => {
    const integers = await make({ kind: "integer", min: -1, max: 1, count: 200 });
    expect(new Set(integers)).toEqual(new Set(["-1", "0", "1"]));
    for (const float of await make({ kind: "float", min: 2, max: 3, count: 100 })) {
      expect(Number(float)).toBeGreaterThanOrEqual(2);
      expect(Number(float)).toBeLessThan(3);
    }
    expect(await make({ kind: "integer", min: 5, max: 5 })).toEqual(["5"]);
    const wide = await make({ kind: "integer", min: -Number.MAX_SAFE_INTEGER, max: 0, count: 20 });
    for (const integer of wide) expect(Number.isSafeInteger(Number(integer))).toBe(true);
  });

  it("chooses, shuffles, rolls dice", async () => {
    const items = ["a", "b", "c", "d"];
    expect((await make({ kind: "shuffle", items })).toSorted()).toEqual(items);
    expect(new Set(await make({ kind: "choice", items, count: 4 })).size).toBe(4);
    expect((await make({ kind: "dice", dice: "3d6+2" }))[0]).toMatch(/^\d+ \([1-6] \+ [1-6] \+ [1-6] \+ 2\)$/);
    for (const roll of await make({ kind: "dice", dice: "d2", count: 20 })) expect(["1", "2"]).toContain(roll);
  });

  it("makes passwords with every kind of sign, and bytes", async () => {
    for (const word of await make({ kind: "password", length: 4, count: 50 })) {
      expect(word).toMatch(/^(?=.*[a-z])(?=.*\d)(?=.*[^a-z\d]).{4}$/i);
    }
    expect((await make({ kind: "password", symbols: false }))[0]).toMatch(/^[a-z\d]{20}$/i);
    expect((await make({ kind: "hex", length: 16 }))[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("makes the same from the same seed, and other things from another", async () => {
    const seeded = (seed: string, kind = "integer") => make({ kind, seed, count: 10, max: 1e9 });
    expect(await seeded("x")).toEqual(await seeded("x"));
    expect(await seeded("x")).not.toEqual(await seeded("y"));
    expect(new Set(await seeded("x")).size).toBe(10);
    expect(await seeded("x", "uuid")).toEqual(await seeded("x", "uuid"));
  });

  it.each([
    [{ kind: "password", seed: "x" }, /from a seed is no secret/],
    [{ kind: "integer", min: 2, max: 1 }, /No integer lies between/],
    [{ kind: "float", min: 1, max: 1 }, /max must be greater/],
    [{ kind: "choice" }, /Give items/],
    [{ kind: "choice", items: ["a"], count: 2 }, /2 different items cannot be chosen of 1/],
    [{ kind: "dice", dice: "999d6" }, /is no roll of dice/],
    [{ kind: "dice", dice: "0d6" }, /is no roll of dice/],
  ])("says what is wrong with %j", async (args, sentence) => {
    expect((await make(args))[0]).toMatch(sentence);
  });
});
