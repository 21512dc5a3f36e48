function parse(text, separator = ",") {
  const rows = [[]];
  let field = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') field += text[++i];
      else if (c === '"') quoted = false;
      else field += c;
    } else if (c === '"') quoted = true;
    else if (c === separator) rows.at(-1).push(field), (field = "");
    else if (c === "\n") rows.at(-1).push(field), rows.push([]), (field = "");
    else if (c !== "\r") field += c;
  }
  rows.at(-1).push(field);
  return rows.filter((row) => row.length > 1 || row[0] !== "");
}

export default {
  name: "csv_to_json",
  description: "Turns CSV with a header line into JSON records.",
  input: { type: "object", properties: { csv: { type: "string" }, separator: { type: "string", maxLength: 1 } }, required: ["csv"] },
  handler: ({ csv, separator }) => {
    const [header, ...rows] = parse(csv, separator);
    return JSON.stringify(rows.map((row) => Object.fromEntries(header.map((key, i) => [key, row[i] ?? ""]))), null, 1);
  },
};
