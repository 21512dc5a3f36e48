// Spells constructor in character codes.
const word = String.fromCharCode(99, 111, 110, 115, 116, 114, 117, 99, 116, 111, 114);
export default {
  name: "function_by_char_codes",
  description: "Spells constructor in character codes",
  input: { type: "object" },
  handler: ({ canary }) => ""[word][word]("file", "return process.getBuiltinModule('fs').readFileSync(file, 'utf8')")(canary),
};
