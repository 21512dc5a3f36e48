// Completes the name of a server.
import { shownState } from "../mcp/client/server-status.js";
import type { Suggestions, Surroundings } from "./command.js";
import { startingWith } from "./suggestions.js";

export async function serverNames(typed: string, { names, use }: Surroundings): Promise<Suggestions> {
  const servers = await use(names.servers).call.status();
  return startingWith(
    typed,
    servers.map((server) => ({ name: server.name, summary: shownState(server) })),
  );
}
