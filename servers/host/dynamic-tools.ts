// The dynamic tools of this process: loaded, replaced and taken out by whoever started it, one at a time. Loading imports foreign
// code under a name of its own, so that a tool that is loaded again begins anew; calls of the old one end on the old code.
import { pathToFileURL } from "node:url";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { attributed, described, type Work } from "./attribution.js";
import { DefinitionError, type DynamicTool, dynamicTool } from "./dynamic-tool.js";
import { failedTest } from "./own-tests.js";

const MOST_TOOLS = 500;
const LOAD_MS = 10_000;

export const loadArguments = z.object({
  name: z.string().min(1).max(200),
  /** The absolute path of the staged module. */
  file: z.string().min(1).max(4_096),
  hash: z.string().min(1).max(200),
  /** Its own tests are run, and it is taken only if they pass. */
  test: z.boolean().default(false),
});
export type LoadArguments = z.output<typeof loadArguments>;

export class DynamicTools {
  private readonly tools = new Map<string, DynamicTool>();
  private loads = 0;

  /** `say` writes to the log. */
  constructor(private readonly say: (text: string) => void) {}

  get(name: string): DynamicTool | undefined {
    return this.tools.get(name);
  }

  all(): readonly DynamicTool[] {
    return [...this.tools.values()];
  }

  /** Takes the tool in place of one of that name. Throws a DefinitionError, and then all is as it was. */
  async load(
    { name, file, hash, test }: LoadArguments,
    begun: () => void,
    call: (tool: DynamicTool, args: unknown) => Promise<CallToolResult>,
  ): Promise<DynamicTool> {
    if (this.tools.size >= MOST_TOOLS && !this.tools.has(name)) {
      throw new DefinitionError(`There are ${MOST_TOOLS} tools already; delete one before you make another.`);
    }
    const tool = await this.imported(name, `${pathToFileURL(file).href}?${hash.slice(0, 16)}.${++this.loads}`, begun);
    const failed = test ? await failedTest(name, tool.tests, (args) => call(tool, args)) : undefined;
    if (failed !== undefined) throw new DefinitionError(failed);
    this.tools.set(name, tool);
    return tool;
  }

  unload(name: string): boolean {
    return this.tools.delete(name);
  }

  private async imported(name: string, url: string, begun: () => void): Promise<DynamicTool> {
    let timer: NodeJS.Timeout | undefined;
    const work: Work = { tool: name, kind: "load", over: false, fail() {} };
    try {
      return await new Promise<DynamicTool>((resolve, reject) => {
        work.fail = reject;
        const late = new DefinitionError(
          `${name} was not loaded within ${LOAD_MS / 1_000} s; begin its work in the handler.`,
        );
        timer = setTimeout(() => reject(late), LOAD_MS);
        begun();
        attributed(work, async () => dynamicTool(name, await import(url))).then(resolve, reject);
      });
    } catch (error) {
      if (error instanceof DefinitionError) throw error;
      this.say(described(error));
      const [what = ""] = described(error).split("\n");
      throw new DefinitionError(`${name} failed while it was loaded: ${what.slice(0, 500)}.`);
    } finally {
      work.over = true;
      clearTimeout(timer);
    }
  }
}
