import { afterAll, describe, expect, it } from "vitest";
import { template } from "../../tools/template.js";
import { callTool } from "../support/call-tool.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
afterAll(() => work.remove());
const fill = (text: string, data: unknown = {}, more = {}) =>
  callTool(template, { template: text, data, ...more }, { root: work.root });

describe("template", () => {
  it("fills values, lists, conditions and nested names", async () => {
    const source = [
      "Dear {{name.first}},",
      "{{#items}}",
      "- {{title}}: {{price}}{{#sold}} (sold){{/sold}}",
      "{{/items}}",
      "{{^items}}nothing{{/items}}{{#tags}}#{{.}} {{/tags}}{{! hidden }}",
    ].join("\n");
    const data = {
      name: { first: "Ada" },
      items: [
        { title: "Cup", price: 3.5, sold: true },
        { title: "Pot", price: 0 },
      ],
      tags: ["a", "b"],
    };
    expect((await fill(source, data)).texts).toEqual(["Dear Ada,\n- Cup: 3.5 (sold)\n- Pot: 0\n#a #b "]);
    work.write("letter.txt", "Hi {{name}}");
    expect((await callTool(template, { path: "letter.txt", data: { name: "Bo" } }, { root: work.root })).text).toBe(
      "Hi Bo",
    );
  });

  it("tells the length of a list", async () => {
    expect((await fill("{{list.length}}", { list: [1, 2] })).text).toBe("2");
  });

  it("puts values in as they are, or escaped for HTML when asked", async () => {
    const data = { a: `<b> & "c"`, list: [1, { x: null }] };
    expect((await fill("{{a}}|{{list}}", data)).text).toBe(`<b> & "c"|[1,{"x":null}]`);
    expect((await fill("{{a}}|{{{a}}}|{{&a}}", data, { html: true })).text).toBe(
      `&lt;b&gt; &amp; &quot;c&quot;|<b> & "c"|<b> & "c"`,
    );
  });

  it("tells which values were missing, or fails for them when strict; a section may ask for what is not there", async () => {
    expect((await fill("{{a}}{{b.c}}{{#d}}x{{/d}}{{^d}}y{{/d}}", { b: {} })).texts).toEqual([
      "y",
      "(Not in data: a, b.c.)",
    ]);
    expect(await fill("{{a}}", {}, { strict: true })).toMatchObject({
      isError: true,
      text: "data has no value for a; add it or set strict to false.",
    });
    expect((await fill("{{a}}", { a: null }, { strict: true })).texts).toEqual([""]);
  });

  it("finds no names but the data's own", async () => {
    const names = ["constructor", "constructor.name", "__proto__", "toString", "list.map", "text.length"];
    for (const name of names) {
      expect((await fill(`[{{${name}}}]`, { list: [1], text: "abc" })).texts[0], name).toBe("[]");
    }
    expect((await fill("{{#list}}{{constructor}}{{/list}}", { list: [[1]] })).texts[0]).toBe("");
  });

  it("refuses partials, other marks and what is not valid, each in a sentence", async () => {
    expect((await fill("{{> /etc/passwd }}")).text).toContain("Partials such as {{> /etc/passwd}} are not supported");
    expect((await fill("{{=<% %>=}}<% a %>")).text).toContain("Other marks than {{ }} are not supported");
    expect((await fill("{{#a}}x")).text).toContain('The template is not valid (Unclosed section "a" at 7)');
    expect((await fill("{{a")).text).toContain("The template is not valid (Unclosed tag at 3)");
    expect((await callTool(template, {}, { root: work.root })).text).toBe(
      "Give either template or path, and not both.",
    );
  });

  it("ends in a sentence for templates that multiply, nest or are made to make the parser slow", async () => {
    const list = Array.from({ length: 200 }, () => 1);
    const open = (n: number) => `${"{{#l}}".repeat(n)}x${"{{/l}}".repeat(n)}`;
    expect((await fill(open(4), { l: list })).text).toContain("The template repeats too much");
    expect((await fill(open(1_000), { l: true })).isError).toBe(false);
    expect((await fill(`{{a${" ".repeat(50_000)}`)).text).toContain("more than 200 spaces in a row");
    expect((await fill("{{a}}".repeat(3_000))).text).toContain("over 2,000 tags");
  });
});
