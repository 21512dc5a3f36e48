const shift = (char, by) => {
  const code = char.charCodeAt(0);
  const base = code >= 97 && code <= 122 ? 97 : code >= 65 && code <= 90 ? 65 : undefined;
  return base === undefined ? char : String.fromCharCode(((code - base + by + 26) % 26) + base);
};

export default {
  name: "caesar_cipher",
  description: "Encrypts or decrypts a text by shifting its letters.",
  input: { type: "object", properties: { text: { type: "string" }, by: { type: "integer" } }, required: ["text", "by"] },
  handler: ({ text, by }) => text.split("").map((char) => shift(char, by % 26)).join(""),
  tests: [{ args: { text: "Hello", by: 3 }, expect: "Khoor" }],
};
