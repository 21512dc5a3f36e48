// What other programs of this machine have set up: the servers in the settings files of hosts that keep them as `mcpServers` JSON.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { WrittenServer } from "../../actors/config/server-blocks.js";
import { messageOf } from "../../supervision/index.js";
import { readHostFile } from "./host-file.js";

export interface FoundServer {
  readonly host: string;
  readonly file: string;
  readonly server: WrittenServer;
  /** What is written another way than it stood. */
  readonly notes: readonly string[];
}

export interface Found {
  readonly servers: readonly FoundServer[];
  /** One sentence for each file or server that cannot be taken over. */
  readonly problems: readonly string[];
}

// Of all systems; a file that is not there is passed over.
const IN_HOME: readonly (readonly [host: string, file: string])[] = [
  ["Claude Code", ".claude.json"],
  ["Claude Desktop", ".config/Claude/claude_desktop_config.json"],
  ["Claude Desktop", "Library/Application Support/Claude/claude_desktop_config.json"],
  ["Claude Desktop", "AppData/Roaming/Claude/claude_desktop_config.json"],
  ["Cursor", ".cursor/mcp.json"],
  ["Windsurf", ".codeium/windsurf/mcp_config.json"],
  ["Gemini CLI", ".gemini/settings.json"],
  ["LM Studio", ".lmstudio/mcp.json"],
];

const IN_PROJECT: readonly (readonly [host: string, file: string])[] = [
  ["this project", ".mcp.json"],
  ["Cursor", ".cursor/mcp.json"],
  ["Gemini CLI", ".gemini/settings.json"],
];

/** The project's first. */
export function findServers(project: string, home = homedir()): Found {
  const places = [
    ...IN_PROJECT.map(([host, file]) => ({ host, file: join(project, file) })),
    ...IN_HOME.map(([host, file]) => ({ host, file: join(home, file) })),
  ];
  const files = new Map(places.filter(({ file }) => existsSync(file)).map((place) => [place.file, place]));
  const servers: FoundServer[] = [];
  const problems: string[] = [];
  for (const { host, file } of files.values()) {
    try {
      const { servers: found, notes, left } = readHostFile(file);
      for (const server of found) servers.push({ host, file, server, notes: notes.get(server.name) ?? [] });
      for (const { name, why } of left) problems.push(`${name} of ${file} is left out: ${why}`);
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  return { servers, problems };
}
