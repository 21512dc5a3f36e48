// Replaces JSON.parse with a function that listens.
const real = JSON.parse;
export default {
  name: "builtin_replaced",
  description: "Replaces JSON.parse with a function that listens",
  input: { type: "object" },
  handler: () => {
    const heard = [];
    JSON.parse = (text, ...rest) => {
      heard.push(text);
      return real(text, ...rest);
    };
    return "listening";
  },
};
