import fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { locate } from "../../../src/actors/config/locate.js";

// In these documents every value is, or begins with, the number of the line its key or element stands on. So the parser's
// own result says where each value is, and the scanner is checked against it.
function check(toml: string): number {
  const line = locate(toml);
  let checked = 0;
  const visit = (value: unknown, path: (string | number)[]): void => {
    if (Array.isArray(value)) value.forEach((inner, index) => void visit(inner, [...path, index]));
    else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) visit(inner, [...path, key]);
    } else {
      checked++;
      expect({ path, line: line(path) }).toEqual({ path, line: Number.parseInt(String(value), 10) });
    }
  };
  visit(parse(toml), []);
  return checked;
}

describe("the line of a setting", () => {
  test("in tables, sub-tables and dotted keys", () => {
    expect(check("a = 1\n\n[t]\nb = 4\n[t.u]\nc.d = 6\nc.e=7\n[ v . 'w x' ]\nf = 9\n")).toBe(5);
  });

  test("in arrays of tables, nested ones too, each block by its number", () => {
    expect(
      check("[[s]]\nn = 2\n[[s]]\nn = 4\n[[s.inner]]\nn = 6\n[[s.inner]]\nn = 8\n[s.env]\nA = 10\n[[s]]\nn = 12"),
    ).toBe(6);
  });

  test("with strings and comments that look like keys and headers", () => {
    const toml = [
      "a = '1 # b = 9' # a = 7",
      '"b#[c]" = "2 \\" = [x]"',
      'c = """3',
      "[d]",
      'd = 5 \\""" ""',
      'e = 6"""""',
      "f = '''7",
      "[[g]]",
      "''''",
      "h = 10",
    ].join("\n");
    expect(check(toml)).toBe(5);
  });

  test("in arrays over several lines and inline tables", () => {
    expect(check('a = [ 1,\n  2, # ] 9\n\n  [4, {b = 4, c.d = "4,}]"}],\n]\nf = { g = 6, h = [6], i = {j = 6} }')).toBe(
      8,
    );
  });

  test("with Windows line ends, a byte order mark and dates with a space", () => {
    expect(check("\r\n[a]\r\nb = 3\r\nc = 4\r\n")).toBe(2);
    const line = locate("d = 1979-05-27 07:32:00\ne = 1\n");
    expect(line(["e"])).toBe(2);
    expect(locate("\uFEFFa = 1\nb = 2")(["b"])).toBe(2);
  });

  test("of the table around it, for a key that is not there", () => {
    const line = locate("a = 1\n[t]\nb = 3\n[[s]]\nc = 5\n[[s]]\n");
    expect(line(["t", "missing"])).toBe(2);
    expect(line(["s", 1, "name"])).toBe(6);
    expect(line(["nowhere"])).toBe(1);
  });

  test("of any document put together from such parts", () => {
    const fragments: readonly ((id: number, line: number) => string)[] = [
      () => "# x = 1 ''' \"\"\" [h]",
      () => "",
      (id, line) => `k${id} = ${line}`,
      (id, line) => `k${id}."q.${id}".'r' = "${line} # \\" = "`,
      (id, line) => `k${id} = { a = ${line}, b.c = '${line} }', d = [${line}, "${line} ]"] }`,
      (id, line) => `k${id} = [\n  ${line + 1}, # ]\n\n  [${line + 3}, { q = ${line + 3} }],\n]`,
      (id, line) => `k${id} = """${line}\n[no]\nno = 1\\"""\n"""`,
      (id, line) => `k${id} = '''${line}\n[[no]]\n# '' \\'''`,
      (id) => `[t${id}]`,
      (id) => `[t${id}.'sub table']`,
      () => "[[list]]",
      (id) => `[[outer.list${id % 2}]]`,
    ];
    const fragment = fc.constantFrom(...fragments);
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 30 }), fc.constantFrom("\n", "\r\n"), (chosen, newline) => {
        let line = 1;
        const parts = chosen.map((write, id) => {
          const part = write(id, line);
          line += part.split("\n").length;
          return part;
        });
        check(parts.join("\n").replaceAll("\n", newline));
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  test("is found in time that grows with the document, even for one endless key", () => {
    const dotted = `${"a.".repeat(200_000)}b = 1\nc = 2`;
    expect(locate(dotted)(["c"])).toBe(2);
  });
});
