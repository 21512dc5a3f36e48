const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

export default {
  name: "decode_entities",
  description: "Decodes HTML entities such as &amp;, &#233; and &#xe9; in a text.",
  input: { type: "object", properties: { html: { type: "string" } }, required: ["html"] },
  handler: ({ html }) =>
    html.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
      if (hex || decimal) return String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal));
      return NAMED[name] ?? whole;
    }),
};
