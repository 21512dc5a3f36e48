export default {
  name: "letter_histogram",
  description: "Draws how often each letter of the alphabet occurs in a text.",
  input: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  handler({ text }) {
    const counts = {};
    for (const char of text.toLowerCase()) if (/[a-z]/.test(char)) counts[char] = (counts[char] ?? 0) + 1;
    let out = "";
    for (let i = 0; i < 26; i++) {
      const letter = String.fromCharCode(97 + i);
      if (counts[letter]) out += `${letter} ${"#".repeat(counts[letter])}\n`;
    }
    return out;
  },
};
