import { parseSync } from "rolldown/utils";
import { describe, expect, it } from "vitest";
import { checkedName, dependencyFrom, scaffold } from "../../../../src/mcp/host/plugins/scaffold.js";
import { toolFaults } from "../../../../src/mcp/host/plugins/tool-faults.js";

const annotations = { readOnly: true, destructive: false, idempotent: true, openWorld: false };
const tool = { name: "t", description: "Does it.", inputSchema: { type: "object" }, annotations };

describe("a new plugin", () => {
  it.each(["../x", "a/b", "", ".", "A", '"', "a b", "-a", "a\n", "a".repeat(65), "${x}", "__proto__"])(
    "is never called %j",
    (name) => {
      expect(() => checkedName(name)).toThrow(/no name for a plugin/);
    },
  );

  it.each(["../x", "./x", "a;b", '"', "a b", "@a", "@/b", "UP", "a@", "a@$(x)", "-g@\n1", "a..b", "x".repeat(215)])(
    "never needs a package %j",
    (written) => {
      expect(() => dependencyFrom(written)).toThrow(/no name of a package/);
    },
  );

  it("knows packages by name, scope and range", () => {
    expect(dependencyFrom("undici")).toEqual({ name: "undici", range: "*" });
    expect(dependencyFrom("@a/b-c.d@^1.2")).toEqual({ name: "@a/b-c.d", range: "^1.2" });
    expect(dependencyFrom("undici@latest")).toEqual({ name: "undici", range: "latest" });
  });

  it.each([true, false])("is made of files that parse, whatever it needs (TypeScript: %s)", (typescript) => {
    const dependencies = ["undici", "@a/b-c.d", "class"].map(dependencyFrom);
    const files = scaffold({ name: "weather-api", dependencies, typescript });
    const sources = Object.entries(files).filter(([file]) => /\.[jt]s$/.test(file));
    expect(sources).toHaveLength(3);
    for (const [file, source] of sources) expect(parseSync(file, source).errors).toEqual([]);
    const manifest = JSON.parse(files["package.json"] ?? "");
    expect(manifest.dependencies).toEqual({ undici: "*", "@a/b-c.d": "*", class: "*" });
  });
});

describe("what is wrong with a tool", () => {
  it("is nothing where it is as it should be", () => {
    expect(toolFaults("notes", tool)).toEqual([]);
    const old = {
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
      properties: { a: { type: "string" } },
    };
    expect(toolFaults("notes", { ...tool, inputSchema: old, outputSchema: { ...old, $schema: undefined } })).toEqual(
      [],
    );
  });

  it.each([
    [{ ...tool, name: "a b" }, /the name "a b" may have/],
    [{ ...tool, name: "n".repeat(60) }, /is longer than the 64 characters/],
    [{ ...tool, description: " " }, /has no description/],
    [{ ...tool, inputSchema: { type: "array" } }, /must have the type "object"/],
    [
      { ...tool, inputSchema: { type: "object", properties: { a: { type: "text" } } } },
      /the inputSchema of "t" is no JSON Schema/,
    ],
    [{ ...tool, outputSchema: { type: "object", required: "a" } }, /the outputSchema of "t" is no JSON Schema/],
  ])("is said in a sentence: %#", (wrong, sentence) => {
    expect(toolFaults("notes", wrong)).toEqual([expect.stringMatching(sentence)]);
  });
});
