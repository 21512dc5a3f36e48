import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wireNames } from "../../src/llm/tool-names.js";

describe("tool names on the wire", () => {
  test("the dot becomes two underscores and comes back", () => {
    const names = wireNames(["files.read_file", "everything.get-sum"]);
    expect(names.toWire("files.read_file")).toBe("files__read_file");
    expect(names.fromWire("files__read_file")).toBe("files.read_file");
    expect(names.fromWire("everything__get-sum")).toBe("everything.get-sum");
  });

  test("two tools that would be the same on the wire stay two", () => {
    const names = wireNames(["a.b__c", "a__b.c", "a.b.c"]);
    const wires = ["a.b__c", "a__b.c", "a.b.c"].map(names.toWire);
    expect(new Set(wires).size).toBe(3);
    expect(wires.map(names.fromWire)).toEqual(["a.b__c", "a__b.c", "a.b.c"]);
  });

  test("whatever the names, each is allowed by model APIs and comes back as it was", () => {
    const name = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 0, maxLength: 200 }),
      fc.stringMatching(/^[ab._]{0,6}$/),
      fc.stringMatching(/^(server)\.[a-z]{50,90}$/),
    );
    fc.assert(
      fc.property(fc.array(name, { maxLength: 30 }), (all) => {
        const names = wireNames(all);
        for (const one of all) {
          expect(names.toWire(one)).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
          expect(names.fromWire(names.toWire(one))).toBe(one);
        }
        expect(new Set(all.map(names.toWire)).size).toBe(new Set(all).size);
      }),
    );
  });
});
