// What a key lets its holder do. A scope is `*`, a part of what Banyan offers, or `tools:` with a pattern of tool names; what no scope
// names is refused. Making and changing tools runs code of the asker's on this machine, so no pattern of tools opens it: that is
// `manage`. The chat is the user's own, so that it is opened only by a pattern that names it, such as `tools:chat.*`. Lists are filtered
// and calls are judged by the same {@link Permission}.
import { z } from "zod";
import { matchesPattern } from "../../client/name-pattern.js";

/** Beside `tools`: `metrics` is what is told of Banyan itself (health in full, figures, the tree of processes). */
const parts = ["resources", "prompts", "catalog", "manage", "metrics"] as const;

export type Part = (typeof parts)[number];

export const scope = z
  .string()
  .regex(/^(?:\*|tools(?::[^\s\p{C}]{1,200})?|resources|prompts|catalog|manage|metrics)$/u, {
    error: "a scope is *, tools, tools:PATTERN (such as tools:git.*), resources, prompts, catalog, manage or metrics",
  });

/** Those without a pattern, for whoever asks which there are. */
export const SCOPE_WORDS: readonly string[] = ["tools", ...parts];

/** Of a key that is made without a word about it: to use everything, and to change and watch nothing. */
export const USUAL_SCOPES: readonly string[] = ["tools", "resources", "prompts", "catalog"];

/** Tools that change what Banyan is. */
const MANAGING = new Set(["host.create_tool", "host.update_tool", "host.delete_tool", "host.rollback"]);
/** How a server's replicas are told apart. */
const REPLICA = /~\d+$/;
/** Banyan's own, which look for the permission of whatever they are asked for themselves. */
const JUDGING = new Set(["banyan.search_tools", "banyan.describe_tool", "banyan.call_tool"]);

export class Permission {
  private readonly all: boolean;
  private readonly named: ReadonlySet<string>;
  private readonly patterns: readonly string[];
  /** What {@link mayHear} has answered, of servers that there are. */
  private readonly heard = new Map<string, boolean>();

  constructor(scopes: readonly string[]) {
    this.all = scopes.includes("*");
    this.named = new Set(scopes);
    this.patterns = scopes.flatMap((one) => (one.startsWith("tools:") ? [one.slice("tools:".length)] : []));
  }

  /** Everything, so that nothing need be filtered. */
  get isWhole(): boolean {
    return this.all;
  }

  may(part: Part): boolean {
    return this.all || this.named.has(part);
  }

  /** By its full name, `server.tool`. */
  mayCall(tool: string): boolean {
    if (this.all) return true;
    if (JUDGING.has(tool)) return this.opensTools;
    if (MANAGING.has(tool)) return this.named.has("manage");
    if (tool === "banyan.health") return this.named.has("metrics");
    if (tool.startsWith("catalog.")) return this.named.has("catalog");
    const patterns = tool.startsWith("chat.") ? this.patterns.filter(namesTheChat) : this.patterns;
    if (patterns.some((pattern) => matchesPattern(pattern, tool))) return true;
    return this.named.has("tools") && !tool.startsWith("chat.");
  }

  /** Whether anything of a server may be used, so that what it logs is told. */
  mayHear(server: string): boolean {
    if (this.all) return true;
    const known = this.heard.get(server);
    if (known !== undefined) return known;
    const heard = this.opensServer(server.replace(REPLICA, ""));
    this.heard.set(server, heard);
    return heard;
  }

  private opensServer(server: string): boolean {
    if (server === "catalog") return this.named.has("catalog");
    if (server === "host" && this.named.has("manage")) return true;
    if (["tools", "resources", "prompts"].some((one) => this.named.has(one))) return true;
    return this.patterns.some((pattern) => fitsSomeOf(pattern, server));
  }

  /** Whether there may be any tool at all to look for and to call. */
  private get opensTools(): boolean {
    return this.patterns.length > 0 || ["tools", "catalog", "manage"].some((one) => this.named.has(one));
  }

  /** Whether a method of MCP is open. A list always is, since many a client asks for all there are: it is given without what is not.
   * Which tool may be called is told apart by its name. */
  mayAsk(method: string): boolean {
    if (this.all || method.endsWith("/list")) return true;
    const part = partOf(method);
    return part === undefined || this.may(part);
  }
}

/** Of whoever is on this machine, or was let in without a key. */
export const WHOLE = new Permission(["*"]);

/** Whether some tool of the server might fit: one part or another of the pattern, from its beginning, is that of the server alone. */
function fitsSomeOf(pattern: string, server: string): boolean {
  for (let end = 1; end <= pattern.length; end++) {
    if (matchesPattern(pattern.slice(0, end), `${server}.`)) return true;
  }
  return false;
}

function namesTheChat(pattern: string): boolean {
  return pattern.startsWith("chat.");
}

function partOf(method: string): Part | undefined {
  if (method.startsWith("resources/")) return "resources";
  if (method.startsWith("prompts/")) return "prompts";
  return undefined;
}
