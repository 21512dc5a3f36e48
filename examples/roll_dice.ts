import { defineTool, z } from "banyan/tool";

export default defineTool({
  name: "roll_dice",
  description: "Roll dice and return each roll and the sum. Use it whenever chance must be fair.",
  input: z.object({ count: z.int().min(1).max(100).describe("How many dice") }),
  annotations: { readOnlyHint: true },
  handler({ count }) {
    const rolls = Array.from({ length: count }, () => 1 + Math.floor(Math.random() * 6));
    return `${rolls.join(" ")} = ${rolls.reduce((a, b) => a + b)}`;
  },
  tests: [
    { args: { count: 1 }, expect: { contains: "=" } },
    { args: { count: 0 }, expect: { isError: true } },
  ],
});
