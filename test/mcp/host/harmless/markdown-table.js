export const name = "markdown_table";
export const description = "Draws a Markdown table from an array of records, with one column for each key.";
export const input = { type: "object", properties: { rows: { type: "array", items: { type: "object" } } }, required: ["rows"] };
export function handler({ rows }) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value) => String(value ?? "").replaceAll("|", "\\|").replace(/\n/g, " ");
  const widths = columns.map((column) => Math.max(3, column.length, ...rows.map((row) => cell(row[column]).length)));
  const line = (cells) => `| ${cells.map((text, i) => text.padEnd(widths[i])).join(" | ")} |`;
  return [line(columns), line(widths.map((width) => "-".repeat(width))), ...rows.map((row) => line(columns.map((column) => cell(row[column]))))].join("\n");
}
