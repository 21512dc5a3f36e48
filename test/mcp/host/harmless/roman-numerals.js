const VALUES = [["M", 1000], ["CM", 900], ["D", 500], ["CD", 400], ["C", 100], ["XC", 90], ["L", 50], ["XL", 40], ["X", 10], ["IX", 9], ["V", 5], ["IV", 4], ["I", 1]];

export default {
  name: "roman_numerals",
  description: "Turns a number from 1 to 3999 into Roman numerals, or Roman numerals into a number.",
  input: { type: "object", properties: { value: { type: "string" } }, required: ["value"] },
  handler({ value }) {
    if (/^\d+$/.test(value)) {
      let rest = Number(value);
      let out = "";
      for (const [sign, worth] of VALUES) while (rest >= worth) [out, rest] = [out + sign, rest - worth];
      return out;
    }
    const worth = Object.fromEntries(VALUES.filter(([sign]) => sign.length === 1));
    return String([...value.toUpperCase()].reduce((sum, char, i, all) => sum + (worth[char] < worth[all[i + 1]] ? -worth[char] : worth[char]), 0));
  },
  tests: [{ args: { value: "1994" }, expect: "MCMXCIV" }, { args: { value: "MCMXCIV" }, expect: "1994" }],
};
