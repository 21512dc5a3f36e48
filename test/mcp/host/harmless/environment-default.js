export default {
  name: "greeting",
  description: "Greets someone in one of three languages.",
  input: { type: "object", properties: { name: { type: "string" }, language: { enum: ["en", "de", "fr"] } }, required: ["name"] },
  handler({ name, language = (typeof process !== "undefined" && process.env.LANG?.slice(0, 2)) || "en" }) {
    const greetings = { en: "Hello", de: "Guten Tag", fr: "Bonjour" };
    return `${greetings[language] ?? greetings.en}, ${name}!`;
  },
};
