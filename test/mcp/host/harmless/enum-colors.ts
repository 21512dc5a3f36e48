enum Channel {
  Red,
  Green,
  Blue,
}

namespace Colors {
  export const parse = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  export function luminance(rgb: readonly number[]): number {
    const linear = rgb.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[Channel.Red]! + 0.7152 * linear[Channel.Green]! + 0.0722 * linear[Channel.Blue]!;
  }
}

export default {
  name: "contrast_ratio",
  description: "Tells the contrast between two colours after WCAG, and the strongest channel of each.",
  input: { type: "object", properties: { a: { type: "string" }, b: { type: "string" } }, required: ["a", "b"] },
  handler({ a, b }: { a: string; b: string }): string {
    const [x, y] = [a, b].map((hex) => Colors.luminance(Colors.parse(hex))).sort((p, q) => q - p) as [number, number];
    const strongest = Colors.parse(a).reduce((best, v, i, all) => (v > all[best]! ? i : best), 0);
    return `${((x + 0.05) / (y + 0.05)).toFixed(2)}:1, mostly ${Channel[strongest]}`;
  },
};
