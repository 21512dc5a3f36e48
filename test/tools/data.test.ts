// json_query, convert_data, csv_query, validate_json: through their handlers, on text and on files.
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { convertData } from "../../tools/convert-data.js";
import { csvQuery } from "../../tools/csv-query.js";
import { jsonQuery } from "../../tools/json-query.js";
import { validateJson } from "../../tools/validate-json.js";
import { callTool } from "../support/call-tool.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
const { root } = work;
const store = {
  users: [
    { name: "Ann", age: 31, "e-mail": "a@x" },
    { name: "Bob", age: 28 },
  ],
  "odd key": { x: [1, 2, 3] },
  limit: 30,
};
const sales = "city;country;sales\nBerlin;DE;10.5\nBonn;DE;\nParis;FR;7\nBerlin;de;20\nLyon;FR;100\n";

beforeAll(() => {
  work.write("store.json", JSON.stringify(store));
  work.write("store.yaml", "users:\n  - name: Ann\n    born: 1990-01-02\n");
  work.write("sales.csv", sales);
  symlinkSync(join(work.outside, "secret.txt"), join(root, "out.json"));
});
afterAll(() => work.remove());

describe("json_query", () => {
  const ask = (args: Record<string, unknown>) => callTool(jsonQuery, { path: "store.json", ...args }, { root });

  it("takes JSONPath and plain paths", async () => {
    expect((await ask({ query: "$.users[?@.age > 30].name" })).texts).toEqual(['"Ann"', "(1 value.)"]);
    expect((await ask({ query: "users[1].age" })).texts[0]).toBe("28");
    expect((await ask({ query: "users[*].name" })).texts[0]).toBe('"Ann"\n"Bob"');
    expect((await ask({ query: "users[0].e-mail" })).texts[0]).toBe('"a@x"');
    expect((await ask({ query: '["odd key"].x[-1]' })).texts[0]).toBe("3");
    expect((await ask({ query: "$.users[?match(@.name, 'A.*')].age" })).texts[0]).toBe("31");
    expect((await ask({ query: "$.users[?@.age < $.limit && @.name != '$..*'].name" })).texts[0]).toBe('"Bob"');
    expect((await ask({ query: "$..name", max_results: 1 })).texts).toEqual(['"Ann"', "(2 values in all; 1 shown.)"]);
  });

  it("tells where values are, and that nothing matches", async () => {
    expect((await ask({ query: "$.users[*].age", paths: true })).texts[0]).toBe(
      "$.users[0].age: 31\n$.users[1].age: 28",
    );
    expect((await ask({ query: "$['odd key'].x[0]", paths: true })).texts[0]).toBe("$['odd key'].x[0]: 1");
    expect((await ask({ query: "nothing" })).text).toContain("(Nothing matches nothing;");
  });

  it("reads YAML by the file's name, and text of any format", async () => {
    expect((await ask({ path: "store.yaml", query: "users[0].born" })).texts[0]).toBe('"1990-01-02"');
    expect((await ask({ path: undefined, text: "a = 5", format: "toml", query: "a" })).texts[0]).toBe("5");
  });

  it.each([
    [{ query: "$.[" }, /is no JSONPath: .*; an example is/],
    [{ query: "users[" }, /At position 6 the path is not clear/],
    [{ query: "$..*..*..*" }, /more than 2 times/],
    [{ query: "$.users[?count($..x) > 1]" }, /In a filter \$ may name one value/],
    [{ query: "$.users[?@.age > $.users[*].age]" }, /In a filter \$ may name one value/],
    [{ query: "$.users[?match(@.name, '(a+)+')]" }, /could take for ever/],
    [{ query: "$.users[?search(@.name, '([a-z]|an)*!')]" }, /could take for ever/],
    [{ query: "$.users[?match(@.name, @.age)]" }, /a pattern as a text/],
    [{ query: "a", path: "missing.json" }, /does not exist/],
    [{ query: "a", path: "out.json" }, /outside the allowed folder/],
    [{ query: "a", path: undefined, text: "{" }, /The text is no JSON: .*; correct it/],
    [{ query: "a", path: undefined }, /Give either text or path/],
    [{ query: "a", path: undefined, text: `${"[".repeat(5_000)}${"]".repeat(5_000)}` }, /deeper than 100 levels/],
  ])("says in a sentence what is wrong with %j", async (args, sentence) => {
    const result = await ask(args);
    expect(result).toMatchObject({ isError: true, text: expect.stringMatching(sentence) });
  });
});

describe("convert_data", () => {
  const convert = (text: string, from: string, to: string) => callTool(convertData, { text, from, to }, { root });
  const value = { name: "x", list: [1, 2.5, true], inner: { deep: "ü\n" } };

  it("brings data through every format and back", async () => {
    for (const format of ["yaml", "toml", "json"]) {
      const there = await convert(JSON.stringify(value), "json", format);
      expect(JSON.parse((await convert(there.texts[0] ?? "", format, "json")).texts[0] ?? "")).toEqual(value);
    }
    for (const format of ["csv", "tsv"]) {
      const rows = [
        { a: "1", b: 'x,"y"' },
        { a: "", b: "line\ntwo\tand" },
      ];
      const there = await convert(JSON.stringify(rows), "json", format);
      expect(JSON.parse((await convert(there.texts[0] ?? "", format, "json")).texts[0] ?? "")).toEqual(rows);
    }
  });

  it("takes the format from the file's name", async () => {
    const { texts } = await callTool(convertData, { path: "sales.csv", to: "json" }, { root });
    expect(JSON.parse(texts[0] ?? "")[0]).toEqual({ city: "Berlin", country: "DE", sales: "10.5" });
  });

  it("tells what the target cannot express", async () => {
    expect(await convert('{"a":null,"b":1}', "json", "toml")).toMatchObject({
      texts: ["b = 1\n", expect.stringContaining("TOML has no null")],
    });
    expect((await convert("d = 2026-01-02\ni = inf", "toml", "json")).text).toMatch(
      /dates and times are texts in JSON; JSON has no infinite/,
    );
    const table = await convert('[{"a":1,"b":{"c":2}},{"a":null}]', "json", "csv");
    expect(table.texts[0]).toBe('a,b\n1,"{""c"":2}"\n,\n');
    expect(table.texts[1]).toMatch(/no types.*look alike.*no nesting/);
  });

  it.each([
    ["[1]", "json", "toml", /only hold an object/],
    ["a: b: c", "yaml", "json", /is no YAML: /],
    ["a: 1\n---\nb: 2", "yaml", "json", /several YAML documents/],
    ["a = ", "toml", "json", /is no TOML: /],
    ['a,"b', "csv", "json", /is no CSV: /],
    [
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]`,
      "yaml",
      "json",
      /cannot be read/,
    ],
  ])("says what is wrong with %j as %s for %s", async (text, from, to, sentence) => {
    expect(await convert(text, from, to)).toMatchObject({ isError: true, text: expect.stringMatching(sentence) });
  });

  it("refuses YAML that would take long, either way", async () => {
    const list = JSON.stringify(Array.from({ length: 60_000 }, (_, at) => `item ${at}`));
    expect((await convert(list, "yaml", "json")).text).toContain("YAML of at most 500 kB");
    expect((await convert(list, "json", "yaml")).text).toContain("YAML of at most 500 kB");
  });

  it("asks for the format where nothing tells it, and takes no key for a prototype", async () => {
    expect((await callTool(convertData, { text: "a", to: "json" }, { root })).text).toBe(
      "Say in from which format the data has: json, yaml, toml, csv, tsv.",
    );
    expect((await convert('{"__proto__":{"polluted":1}}', "json", "yaml")).text).toContain("__proto__");
    expect(({} as Record<string, unknown>).polluted).toBeUndefined(); // any object would have it
  });
});

describe("csv_query", () => {
  const ask = async (args: Record<string, unknown>) => callTool(csvQuery, { path: "sales.csv", ...args }, { root });
  const rows = async (args: Record<string, unknown>) => (await ask(args)).texts[0];

  it("shows rows, how many there are, and the columns with their types", async () => {
    expect((await ask({ limit: 1 })).texts).toEqual([
      "city,country,sales\nBerlin,DE,10.5",
      "(1 of 5 rows; 5 of 5 match. Columns: city text, country text, sales number.)",
    ]);
  });

  it("filters by numbers and texts, all or any", async () => {
    expect(await rows({ where: [{ column: "sales", op: ">", value: 9 }], select: ["city"] })).toBe(
      "city\nBerlin\nBerlin\nLyon",
    );
    expect(
      await rows({
        where: [
          { column: "COUNTRY", value: "de" },
          { column: "sales", op: "not_empty" },
        ],
        select: ["sales"],
      }),
    ).toBe("sales\n10.5\n20");
    expect(
      await rows({
        where: [
          { column: "city", op: "starts_with", value: "b" },
          { column: "city", value: "Lyon" },
        ],
        any: true,
        distinct: true,
        select: ["city"],
      }),
    ).toBe("city\nBerlin\nBonn\nLyon");
    expect(await rows({ where: [{ column: "city", op: "in", value: ["paris", "Lyon"] }], select: ["city"] })).toBe(
      "city\nParis\nLyon",
    );
    expect(
      await rows({
        where: [
          { column: "sales", op: "<", value: 1e9 },
          { column: "city", value: "Bonn" },
        ],
      }),
    ).toBe("city,country,sales");
  });

  it("groups, sums up and sorts", async () => {
    const args = {
      group_by: ["city"],
      aggregates: [{ op: "sum", column: "sales" }, { op: "count" }],
      sort: [{ column: "sum_sales", descending: true }],
      limit: 2,
    };
    expect(await rows(args)).toBe("city,sum_sales,count\nLyon,100,1\nBerlin,30.5,2");
    const all = ["mean", "min", "max", "median", "distinct"].map((op) => ({ op, column: "sales", as: op }));
    expect(await rows({ aggregates: all })).toBe("mean,min,max,median,distinct\n34.375,7,100,15.25,4");
    expect(
      JSON.parse(
        (await rows({ aggregates: [{ op: "count" }], output: "json", where: [{ column: "city", value: "?" }] })) ?? "",
      ),
    ).toEqual([{ count: 0 }]);
  });

  it("takes a table without header", async () => {
    expect(
      await rows({
        path: undefined,
        text: "1\t2\n3\t4\n",
        header: false,
        sort: [{ column: "column_1", descending: true }],
      }),
    ).toBe("column_1,column_2\n3,4\n1,2");
  });

  it.each([
    [{ select: ["town"] }, 'No column is named "town"; the columns are city, country, sales.'],
    [{ where: [{ column: "city" }] }, 'The condition on "city" needs a value.'],
    [{ where: [{ column: "city", op: "in", value: "x" }] }, "A list of values goes with in, one value with =."],
    [{ aggregates: [{ op: "sum" }] }, "The aggregate sum needs a column."],
  ])("says what is wrong with %j", async (args, sentence) => {
    expect(await ask(args)).toMatchObject({ isError: true, text: sentence });
  });

  it("takes names such as __proto__ for columns like any other", async () => {
    expect(
      await rows({
        path: undefined,
        text: "__proto__,constructor\n1,2\n",
        select: ["constructor"],
        sort: [{ column: "__proto__" }],
      }),
    ).toBe("constructor\n2");
  });
});

describe("validate_json", () => {
  const schema = JSON.stringify({
    type: "object",
    required: ["id"],
    properties: { id: { type: "integer" }, mail: { format: "email" }, tags: { items: { $ref: "#/$defs/tag" } } },
    $defs: { tag: { type: "string", minLength: 2 } },
  });
  const check = (data: string, rules = schema) => callTool(validateJson, { data, schema: rules }, { root });

  it("says that data is valid, or each thing that is wrong with its place", async () => {
    expect((await check('{"id":1,"mail":"a@b.org","tags":["ab"]}')).text).toBe("Valid.");
    const { texts } = await check('{"id":"x","mail":"no","tags":["a"]}');
    expect(texts[0]).toBe("Not valid, 3 problems:");
    expect(texts[1]).toMatch(/^\$\.id: .*integer.*\n\$\.mail: .*email.*\n\$\.tags\.0: .*short/);
    expect((await check("{}")).text).toMatch(/\$: .*id/);
    expect((await check("5", "false")).text).toContain("Not valid");
  });

  it("matches patterns in time with their length, and refuses those it cannot", async () => {
    const text = JSON.stringify({ pattern: `${"a".repeat(5_000)}!`, list: ["x-y", "x--y"] });
    const rules = {
      properties: { pattern: { pattern: "^(a+)+$" }, list: { items: { pattern: "^[a-z]+(-[a-z]+)*$" } } },
    };
    const { texts } = await check(text, JSON.stringify(rules));
    expect(texts[1]).toBe(
      "$.pattern: String does not match pattern ^(a+)+$.\n$.list.1: String does not match pattern ^[a-z]+(-[a-z]+)*$.",
    );
    expect((await check('{"aa":1}', '{"patternProperties":{"^(a+)+$":{}}}')).text).toContain("could take for ever");
    expect((await check('{"x-a":1}', '{"patternProperties":{"^x-":{"type":"string"}}}')).text).toContain("$.x-a: ");
    expect((await check('"b"', '{"pattern":"(?=a)"}')).text).toContain("Lookahead");
  });

  it("reads files, and says what cannot be used", async () => {
    work.write("schema.yaml", "type: array\n");
    expect(
      (await callTool(validateJson, { data_path: "store.json", schema_path: "schema.yaml" }, { root })).text,
    ).toContain("Not valid");
    expect((await check("{}", "[]")).text).toMatch(/A JSON Schema is an object/);
    expect((await check("{}", '{"$ref":"https://example.org/x"}')).text).toMatch(/The schema cannot be used: /);
    expect((await check('"x"', '{"pattern":"("}')).text).toMatch(/The pattern \( is not valid/);
    expect((await callTool(validateJson, { data: "1" }, { root })).text).toBe(
      "Give either schema or path, and not both.",
    );
  });
});
