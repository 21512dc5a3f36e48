// A tool that is called from the command line: in the app that runs, else with servers of the command's own. Ctrl-C cancels the call,
// down to the server; progress is told on stderr.
import { callThroughApp, NothingRunningError } from "../actors/control/client.js";
import { platform } from "../actors/platform/index.js";
import type { Progress, ToolResult } from "../mcp/client/mcp-types.js";
import { BanyanError, plainText } from "../supervision/index.js";
import { type CommonOptions, exitCodes } from "./options.js";
import { withOwnServers } from "./own-servers.js";
import { recordBefore } from "./recorded.js";
import { pathsOf } from "./settings.js";

/** Undefined when the call was cancelled; then that is said, and the exit code says it too. */
export async function callByHand(
  name: string,
  args: Readonly<Record<string, unknown>>,
  options: CommonOptions,
  version: string,
): Promise<ToolResult | undefined> {
  const server = serverOf(name);
  const over = new AbortController();
  let stopped: number = exitCodes.interrupted;
  for (const [signal, code] of Object.entries(platform.endSignals)) {
    process.once(signal, () => {
      stopped = code;
      over.abort();
    });
  }
  const paths = pathsOf(options);
  try {
    const result = await runningOr(
      () => callThroughApp(paths.socket, { tool: name, arguments: args }, tellProgress, over.signal),
      async () => {
        await recordBefore(paths, { action: "tool.call", subject: name, detail: { by: "the command line" } });
        return withOwnServers(options, { only: server, start: "all" }, version, (door) =>
          door.call(name, args, tellProgress, over.signal),
        );
      },
    );
    return result as ToolResult; // from the wrapper, here or in the app
  } catch (error) {
    if (!over.signal.aborted) throw error;
    process.stderr.write(`banyan: ${plainText(name)} was cancelled.\n`);
    process.exitCode = stopped;
    return undefined;
  }
}

/** `own` when no app runs. */
export async function runningOr(running: () => Promise<unknown>, own: () => Promise<unknown>): Promise<unknown> {
  try {
    return await running();
  } catch (error) {
    if (error instanceof NothingRunningError) return own();
    throw error;
  }
}

export function serverOf(tool: string): string {
  const dot = tool.indexOf(".");
  if (dot > 0) return tool.slice(0, dot);
  throw new BanyanError(
    "usage",
    `A tool is named server.tool, as banyan tools list shows them, and ${tool} has no dot.`,
  );
}

function tellProgress(told: unknown): void {
  const { progress, total, message } = told as Progress; // from the wrapper, here or in the app
  const far = total === undefined ? `${progress}` : `${progress}/${total}`;
  process.stderr.write(`${plainText(`${far}${message === undefined ? "" : ` ${message}`}`).replace(/\n/g, " ")}\n`);
}
