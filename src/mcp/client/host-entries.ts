// Banyan's own entry in the settings files of other hosts, so that they start it, or find it, as one of their MCP servers.
import { copyFileSync, mkdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { parse as parseToml } from "smol-toml";
import { isTable } from "../../actors/config/merge.js";
import { replaceFile } from "../../actors/config/replace-file.js";
import { BanyanError, messageOf } from "../../supervision/index.js";
import { type Json, memberOf, withMember } from "./jsonc.js";

/** How a host reaches Banyan. */
export type Way = { readonly command: string; readonly args: readonly string[] } | { readonly url: string };

export interface Host {
  /** As it is named on the command line. */
  readonly name: string;
  readonly title: string;
  /** Of the user's home and the folders of applications in it. */
  file(folders: HostFolders): string;
  /** The table that holds its servers; in a TOML file that of a TOML file. */
  readonly table: string;
  readonly format: "json" | "toml";
  /** Undefined: it starts programs alone. */
  entry(way: Way): Readonly<Record<string, Json>> | undefined;
}

export interface HostFolders {
  readonly home: string;
  /** Where applications keep their settings. */
  readonly applications: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const NAME = "banyan";
const LARGEST_FILE = 16 * 1024 * 1024;
/** What says how a server is reached; whatever else an entry has stays. */
const REACHED_BY = ["type", "transport", "command", "args", "url", "serverUrl", "httpUrl", "source"];

const plain = (way: Way) => ({ ...way });
const typed = (way: Way) => ({ type: "url" in way ? "http" : "stdio", ...way });
const renamed = (name: string) => (way: Way) => ("url" in way ? { [name]: way.url } : { ...way });
const programAlone = (way: Way) => ("url" in way ? undefined : { ...way });

export const HOSTS: readonly Host[] = [
  {
    ...{ name: "claude", title: "Claude Desktop", table: "mcpServers", format: "json", entry: programAlone },
    file: ({ applications }) => join(applications, "Claude", "claude_desktop_config.json"),
  },
  {
    ...{ name: "claude-code", title: "Claude Code", table: "mcpServers", format: "json", entry: typed },
    file: ({ home }) => join(home, ".claude.json"),
  },
  {
    ...{ name: "cursor", title: "Cursor", table: "mcpServers", format: "json", entry: plain },
    file: ({ home }) => join(home, ".cursor", "mcp.json"),
  },
  {
    ...{ name: "vscode", title: "Visual Studio Code", table: "servers", format: "json", entry: typed },
    file: ({ applications }) => join(applications, "Code", "User", "mcp.json"),
  },
  {
    ...{ name: "windsurf", title: "Windsurf", table: "mcpServers", format: "json", entry: renamed("serverUrl") },
    file: ({ home }) => join(home, ".codeium", "windsurf", "mcp_config.json"),
  },
  {
    ...{ name: "zed", title: "Zed", table: "context_servers", format: "json", entry: plain },
    // On macOS too it lies among the XDG folders.
    file: ({ home, env }) =>
      env.APPDATA === undefined
        ? join(env.XDG_CONFIG_HOME || join(home, ".config"), "zed", "settings.json")
        : join(env.APPDATA, "Zed", "settings.json"),
  },
  {
    ...{ name: "codex", title: "Codex", table: "mcp_servers", format: "toml", entry: plain },
    file: ({ home, env }) => join(env.CODEX_HOME || join(home, ".codex"), "config.toml"),
  },
  {
    ...{ name: "gemini", title: "Gemini CLI", table: "mcpServers", format: "json", entry: renamed("httpUrl") },
    file: ({ home }) => join(home, ".gemini", "settings.json"),
  },
  {
    ...{ name: "lmstudio", title: "LM Studio", table: "mcpServers", format: "json", entry: plain },
    file: ({ home }) => join(home, ".lmstudio", "mcp.json"),
  },
];

export function hostFolders(
  system: NodeJS.Platform = process.platform,
  env: HostFolders["env"] = process.env,
  home = homedir(),
): HostFolders {
  const applications =
    system === "darwin"
      ? join(home, "Library", "Application Support")
      : system === "win32"
        ? env.APPDATA || join(home, "AppData", "Roaming")
        : env.XDG_CONFIG_HOME || join(home, ".config");
  return { home, applications, env };
}

/** The entry as a file of its own. */
export function entryText({ table, format }: Host, entry: Readonly<Record<string, Json>>): string {
  if (format === "json") return `${JSON.stringify({ [table]: { [NAME]: entry } }, null, 2)}\n`;
  const lines = Object.entries(entry).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return `[${table}.${NAME}]\n${lines.join("\n")}\n`;
}

/** The text of a host's file with the entry in it; the same text where it has it. Throws `host_file`. */
export function withEntry(text: string, host: Host, entry: Readonly<Record<string, Json>>): string {
  if (text.replace("\uFEFF", "").trim() === "") return entryText(host, entry);
  return host.format === "json" ? withJsonEntry(text, host.table, entry) : withTomlEntry(text, host, entry);
}

export interface Written {
  readonly changed: boolean;
  /** A copy of the file as it was before it was changed. */
  readonly backup?: string;
}

/** Writes the entry into the host's file, whole or not at all. Throws `host_file` where what is there is not understood. */
export function writeEntry(file: string, host: Host, entry: Readonly<Record<string, Json>>): Written {
  const existing = contentOf(file);
  try {
    const text = withEntry(existing?.text ?? "", host, entry);
    if (text === existing?.text) return { changed: false };
    if (existing === undefined) {
      mkdirSync(dirname(file), { recursive: true });
      replaceFile(file, text);
      return { changed: true };
    }
    const backup = `${file}.before-banyan`;
    copyFileSync(existing.place, backup);
    replaceFile(existing.place, text, existing.mode);
    return { changed: true, backup };
  } catch (error) {
    throw new BanyanError("host_file", `${file} is left as it is: ${messageOf(error)}.`, { cause: error });
  }
}

/** `place`: where a link leads, for the link is to stay one. */
function contentOf(file: string): { readonly text: string; readonly place: string; readonly mode: number } | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (!stats.isFile()) throw new BanyanError("host_file", `${file} is no file; take it away first.`);
  if (stats.size > LARGEST_FILE)
    throw new BanyanError("host_file", `${file} has ${stats.size} bytes, and at most ${LARGEST_FILE} are read.`);
  return { text: readFileSync(file, "utf8"), place: realpathSync(file), mode: stats.mode & 0o777 };
}

function withJsonEntry(text: string, table: string, entry: Readonly<Record<string, Json>>): string {
  const path = [table, NAME];
  const before = memberOf(text, path);
  const kept = isTable(before) ? Object.entries(before).filter(([key]) => !REACHED_BY.includes(key)) : [];
  const wanted = { ...entry, ...Object.fromEntries(kept) } as Json; // of JSON on both sides
  return before !== undefined && same(before, wanted) ? text : withMember(text, path, wanted);
}

/** The table of ours is replaced, line by line, up to the next; tables within it stay. */
function withTomlEntry(text: string, host: Host, entry: Readonly<Record<string, Json>>): string {
  const all = parseToml(text);
  const servers = all[host.table];
  const before = isTable(servers) ? servers[NAME] : undefined;
  const own = entryText(host, entry);
  if (before === undefined) return `${text.trimEnd()}\n\n${own}`;
  const reached = isTable(before) ? Object.entries(before).filter(([key]) => REACHED_BY.includes(key)) : [];
  if (same(Object.fromEntries(reached) as Json, entry)) return text; // TOML of texts and lists alone
  const lines = text.split("\n");
  const head = lines.findIndex((line) => /^\s*\[\s*mcp_servers\s*\.\s*"?banyan"?\s*\]/.test(line));
  if (head < 0) throw new Error(`its ${host.table}.${NAME} is not written as a table of its own`);
  const next = lines.findIndex((line, at) => at > head && /^\s*\[/.test(line));
  const rest = next < 0 ? [] : ["", ...lines.slice(next)];
  const kept = (isTable(before) ? Object.entries(before) : []).filter(
    ([key, value]) => !REACHED_BY.includes(key) && !isTable(value),
  );
  if (kept.length > 0)
    throw new Error(
      `its ${host.table}.${NAME} has settings of its own (${kept.map(([key]) => key).join(", ")}); change it by hand`,
    );
  const changed = [...lines.slice(0, head), ...own.trimEnd().split("\n"), ...rest].join("\n");
  parseToml(changed); // what does not hold is not written
  return changed.endsWith("\n") ? changed : `${changed}\n`;
}

function same(one: Json, other: Json): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: Json): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isTable(inner) ? Object.fromEntries(Object.entries(inner).sort()) : inner,
  );
}
