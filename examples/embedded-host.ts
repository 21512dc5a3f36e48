import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { createHost } from "banyan/host";

/** The tools of an MCP server and Banyan's own, inside this very program. `command` starts the server, which speaks over stdio. */
export async function main(home: string, command: string, args: readonly string[]): Promise<string> {
  const host = await createHost({
    home,
    config: { servers: [{ name: "work", command, args: [...args], restart: "on-failure" }] },
    onNote: (level, text) => console.error(`${level}: ${text}`),
  });
  await host.start();
  try {
    const told: string[] = [];
    const sum = await host.callTool("host.calculate", { expression: "6*7" });
    for (const part of sum.content) if (part.type === "text") told.push(part.text);

    // Whatever speaks MCP can be given the host as its server.
    const client = new Client({ name: "example", version: "1" });
    await client.connect(await host.connect());
    const { tools } = await client.listTools();
    told.push(`${tools.some(({ name }) => name === "work.slow")}`);
    await client.close();
    return told.join(" ");
  } finally {
    await host.stop({ deadlineMs: 5_000 });
  }
}
