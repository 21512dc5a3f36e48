export default {
  name: "fill_template",
  description: "Fills {{placeholders}} in a text with values; unknown ones stay as they are.",
  input: { type: "object", properties: { template: { type: "string" }, values: { type: "object" } }, required: ["template", "values"] },
  handler({ template, values }: { template: string; values: Record<string, string | number> }) {
    const missing: string[] = [];
    const text = template.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (whole, key: string) => {
      if (key in values) return String(values[key]);
      missing.push(key);
      return whole;
    });
    return missing.length > 0 ? `${text}\n\nMissing: ${missing.join(", ")}` : text;
  },
};
