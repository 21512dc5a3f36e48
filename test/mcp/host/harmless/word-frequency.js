export default {
  name: "word_frequency",
  description: "Counts how often each word of a text occurs and lists the most frequent ones.",
  input: { type: "object", properties: { text: { type: "string" }, top: { type: "integer", default: 10 } }, required: ["text"] },
  handler({ text, top = 10 }) {
    const counts = {};
    for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) {
      if (word === "constructor" || word === "__proto__") continue; // would find what objects inherit
      counts[word] = (counts[word] || 0) + 1;
    }
    return Object.entries(counts).sort(([a, x], [b, y]) => y - x || a.localeCompare(b)).slice(0, top).map(([word, count]) => `${count} ${word}`).join("\n");
  },
};
