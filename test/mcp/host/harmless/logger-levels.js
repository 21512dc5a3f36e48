const log = (level, ...rest) => console[level](`[${level}]`, ...rest);

export default {
  name: "check_passwords",
  description: "Judges how strong each password of a list is, without storing any.",
  input: { type: "object", properties: { passwords: { type: "array", items: { type: "string" } } }, required: ["passwords"] },
  handler({ passwords }) {
    const score = (word) => [/[a-z]/, /[A-Z]/, /\d/, /[^\w]/, /.{12}/].filter((rule) => rule.test(word)).length;
    log("debug", passwords.length);
    return passwords.map((word, i) => `${i + 1}. ${["useless", "weak", "weak", "fair", "good", "strong"][score(word)]}`).join("\n");
  },
};
