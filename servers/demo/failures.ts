// The tools that fail, each the way a real server does: the process dies, a call is never answered, an answer is far too long.
import { writeSync } from "node:fs";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";

const MAX_FLOOD = 20_000_000;

export function addFailures(server: McpServer): void {
  server.registerTool(
    "crash",
    {
      title: "Crash",
      description:
        "End this server's process at once with exit code 1, or answer first and crash some milliseconds later.",
      inputSchema: {
        after_ms: z.int().min(0).max(600_000).optional().describe("Answer, then crash after this many milliseconds"),
      },
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
    },
    ({ after_ms: wait }) => {
      if (wait === undefined) return crash();
      setTimeout(crash, wait);
      return { content: [{ type: "text", text: `This server will crash in ${wait} ms.` }] };
    },
  );

  server.registerTool(
    "hang",
    {
      title: "Hang",
      description: "Never answer, until the call is cancelled or times out.",
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ signal }) =>
      new Promise((_, reject) => {
        process.stderr.write("hang: called\n");
        const cancelled = (): void => {
          process.stderr.write("hang: the call was cancelled\n");
          reject(signal.reason);
        };
        signal.addEventListener("abort", cancelled, { once: true });
      }),
  );

  server.registerTool(
    "flood",
    {
      title: "Flood",
      description: "Answer with a text of so many bytes, to try the limits of a client.",
      inputSchema: {
        bytes: z.int().min(1).max(MAX_FLOOD).default(1_000_000).describe("Length of the text, up to 20 MB"),
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ bytes }) => ({ content: [{ type: "text", text: "~".repeat(bytes) }] }),
  );
}

function crash(): never {
  try {
    writeSync(2, "banyan-demo: crashing, as asked.\n");
  } finally {
    process.exit(1);
  }
}
