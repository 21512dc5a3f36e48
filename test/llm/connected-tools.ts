// The tools of real MCP servers, as they are when all are connected at once: taken from running servers over stdio, and the
// bundled ones from their definitions.
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { z } from "zod";
import type { ToolDescription } from "../../src/llm/provider.js";
import { tools as bundled } from "../../tools/index.js";

const require = createRequire(import.meta.url);

/** The tools a published MCP server lists, under the name it is connected as. */
export async function toolsOf(name: string, script: string, ...args: string[]): Promise<ToolDescription[]> {
  const client = new Client({ name: "test", version: "1" });
  const command = process.execPath;
  await client.connect(
    new StdioClientTransport({ command, args: [require.resolve(script), ...args], stderr: "ignore" }),
  );
  try {
    const { tools } = await client.listTools();
    return tools.map((tool) => ({
      name: `${name}.${tool.name}`,
      description: tool.description ?? "",
      inputSchema: tool.inputSchema,
    }));
  } finally {
    await client.close();
  }
}

export const everything = () => toolsOf("everything", "@modelcontextprotocol/server-everything/dist/index.js", "stdio");
export const files = () => toolsOf("files", "@modelcontextprotocol/server-filesystem/dist/index.js", tmpdir());
export const memory = () => toolsOf("memory", "@modelcontextprotocol/server-memory/dist/index.js");

export function host(): ToolDescription[] {
  return bundled.map((tool) => ({
    name: `host.${tool.name}`,
    description: tool.description,
    inputSchema: z.toJSONSchema(tool.input, { io: "input" }),
  }));
}
