// What the chat says of tools that are not what they were: each change once, with what is different, a few lines a server. A server
// that goes on and on changing its tools does not bury the conversation; what it changed is shown when the tool is to run.
import type { ToolChange } from "../mcp/client/tool-pins.js";

/** Tools of which the difference is shown in one notice. */
const MOST_TOOLS = 3;
/** Notices about one server within {@link WINDOW_MS}. */
const MOST_NOTICES = 5;
const WINDOW_MS = 60_000;

export class ChangeNotices {
  /** The fingerprint of each tool that was told last. */
  private readonly told = new Map<string, string>();
  private readonly times = new Map<string, number[]>();

  /** What to say of these. `allowed`: it runs all the same, whatever it is. */
  take(changes: readonly ToolChange[], allowed: (tool: string) => boolean): string[] {
    const news = changes.filter(({ tool, fingerprint }) => this.told.get(tool) !== fingerprint);
    for (const { tool, fingerprint } of news) this.told.set(tool, fingerprint);
    const servers = [...new Set(news.map(({ server }) => server))];
    return servers.flatMap((server) => {
      const count = this.count(server);
      if (count > MOST_NOTICES) return [];
      const more =
        count === MOST_NOTICES ? ` The server ${server} goes on changing; no more is said of it for a minute.` : "";
      const own = news.filter((change) => change.server === server);
      return `${notice(own, allowed)}${more}`;
    });
  }

  /** How many notices about the server there are lately, with this one. */
  private count(server: string): number {
    const lately = (this.times.get(server) ?? []).filter((at) => performance.now() - at < WINDOW_MS);
    lately.push(performance.now());
    this.times.set(server, lately.slice(-MOST_NOTICES - 1));
    return lately.length;
  }
}

function notice(changes: readonly ToolChange[], allowed: (tool: string) => boolean): string {
  const shown = changes.slice(0, MOST_TOOLS).flatMap(({ tool, pinnedAt, diff }) => {
    const then = allowed(tool)
      ? "it still runs without asking, since a pattern allows it"
      : "what you allowed for it is void";
    return [`${tool} is not the tool it was on ${new Date(pinnedAt).toISOString().slice(0, 10)}: ${then}.`, ...diff];
  });
  const rest = changes.length - MOST_TOOLS;
  const more = rest > 0 ? [`… and ${rest} tools more; see banyan tools list`] : [];
  const [{ tool } = { tool: "" }] = changes;
  return [...shown, ...more, `If that is right, accept it: banyan tools show ${tool} --accept`].join("\n");
}
