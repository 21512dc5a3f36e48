import { describe, expect, it } from "vitest";
import { startWith } from "../../src/ui/editor-state.js";
import { completed, createForm, edited, type FormState, moved, picked, turned } from "../../src/ui/form.js";

const schema = {
  type: "object",
  required: ["name", "seats"],
  properties: {
    name: { type: "string", minLength: 2, title: "Name" },
    seats: { type: "integer", minimum: 1, maximum: 12 },
    area: { enum: ["inside", "terrace"], enumNames: ["Inside", "On the terrace"] },
    vegan: { type: "boolean" },
    mail: { type: "string", format: "email" },
    tags: { type: "array", items: { type: "string" } },
  },
};

function at(form: FormState, name: string): FormState {
  return { ...form, at: form.fields.findIndex((field) => field.name === name) };
}

function fill(form: FormState, name: string, text: string): FormState {
  return edited(at(form, name), () => startWith(text));
}

describe("a form", () => {
  it("has a field for each property, starts at the first that is missing, and knows what was given", () => {
    const form = createForm(schema, { name: "Ada", vegan: false });
    expect(form.fields.map(({ label, kind, required }) => [label, kind, required])).toEqual([
      ["Name", "text", true],
      ["seats", "number", true],
      ["area", "choice", false],
      ["vegan", "boolean", false],
      ["mail", "text", false],
      ["tags", "json", false],
    ]);
    expect(form.at).toBe(1);
    expect(completed(fill(form, "seats", "2"))).toEqual({ values: { name: "Ada", seats: 2, vegan: false } });
  });

  it.each([
    ["seats", "", "seats is required"],
    ["seats", "two", "seats must be a number"],
    ["seats", "1.5", "seats must be a whole number"],
    ["seats", "0", "seats must be at least 1"],
    ["seats", "13", "seats must be at most 12"],
    ["name", "A", "Name needs at least 2 characters"],
    ["mail", "nobody", "mail must be an e-mail address"],
    ["tags", "[1,", 'tags must be JSON, for example [1, 2] or {"a": true}'],
  ])("says what is wrong with %s = %j and goes there", (name, text, error) => {
    const good = fill(createForm(schema, { name: "Ada" }), "seats", "2");
    const result = completed(fill(good, name, text));
    expect(result).toMatchObject({ form: { error: { text: error } } });
    expect("form" in result && result.form.fields[result.form.at]?.name).toBe(name);
  });

  it("turns a choice around its ends, and leaves an optional one open", () => {
    let form = at(createForm(schema, {}), "area");
    const values = [];
    for (let turn = 0; turn < 4; turn++) {
      form = turned(form, 1);
      values.push(form.entered[form.at]);
    }
    expect(values).toEqual([{ chosen: 0 }, { chosen: 1 }, { chosen: -1 }, { chosen: 0 }]);
    expect(picked(form, "o").entered[form.at]).toEqual({ chosen: 1 });
  });

  it("gives a choice its value and not its label", () => {
    const form = picked(at(fill(createForm(schema, { name: "Ada" }), "seats", "3"), "area"), "On");
    expect(completed(form)).toEqual({ values: { name: "Ada", seats: 3, area: "terrace" } });
  });

  it("is made of any schema a stranger may write", () => {
    const odd = { toString: 1, valueOf: 1 };
    const form = createForm({ properties: { a: { enum: [odd, null] }, b: { type: odd }, c: { type: "valueOf" } } }, {});
    expect(form.fields[0]?.choices.map(({ label }) => label)).toEqual(['{"toString":1,"valueOf":1}', "null"]);
    expect(form.fields.map(({ kind }) => kind)).toEqual(["choice", "json", "json"]);
  });

  it("knows titled choices and defaults", () => {
    const form = createForm(
      {
        properties: {
          level: {
            oneOf: [
              { const: 1, title: "low" },
              { const: 2, title: "high" },
            ],
            default: 2,
          },
        },
      },
      {},
    );
    expect(completed(form)).toEqual({ values: { level: 2 } });
  });

  it("moves between its fields and not past them", () => {
    const form = createForm(schema, {});
    expect(moved(form, -1)).toBeUndefined();
    expect(moved(form, 1)?.at).toBe(1);
    expect(moved({ ...form, at: 5 }, 1)).toBeUndefined();
  });

  it("without any field is complete at once", () => {
    expect(completed(createForm({}, {}))).toEqual({ values: {} });
  });
});
