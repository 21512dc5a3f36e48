import { defineTool, ToolError, z } from "banyan/tool";

export default defineTool({
  name: "percent_change",
  description: "Tells by how many percent a value has changed from one time to another.",
  input: z.object({ from: z.number(), to: z.number() }),
  handler({ from, to }) {
    if (from === 0) throw new ToolError("A change from zero has no percentage.");
    return `${(((to - from) / Math.abs(from)) * 100).toFixed(2)} %`;
  },
});
