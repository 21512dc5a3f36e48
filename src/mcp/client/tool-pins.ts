// What each tool was when it was seen first, or when the user accepted it since: its pin. A tool that is another one now has changed,
// and nothing that was allowed for it before counts for it until the user has seen what is different and accepted it. Pins are in
// the Store, one set a project, so that a change between two runs is seen too, and by every program on the same database.
import { again } from "../../actors/again.js";
import type { Row, Statement } from "../../actors/store/statement.js";
import { type Store, StoreError } from "../../actors/store/store.js";
import { CallError, type Ref } from "../../supervision/index.js";
import { fingerprint } from "./fingerprint.js";
import type { NamespacedTool } from "./mcp-types.js";
import { definitionOf, type ToolDefinition, toolDiff } from "./tool-diff.js";

/** How a tool is another one than its pin says. */
export interface ToolChange {
  /** `server.tool`. */
  readonly tool: string;
  readonly server: string;
  /** The folder whose pin it is. */
  readonly project: string;
  /** As it is now. */
  readonly fingerprint: string;
  /** Since when its pin holds, in epoch milliseconds. */
  readonly pinnedAt: number;
  /** What is gone and what is new. */
  readonly diff: readonly string[];
}

export interface Pin {
  readonly fingerprint: string;
  /** Epoch milliseconds. */
  readonly since: number;
}

/** A definition of more bytes, as JSON, is not kept: that it changed is seen, and not how. */
const LONGEST = 65_536;
/** Of one look. */
const MOST_BYTES = 8_388_608;
/** Of one server; tools beyond are not pinned, and what is allowed for one of these holds all the same for it as it was then alone. */
const MOST = 5_000;
/** Statements in one transaction. */
const AT_A_TIME = 100;
/** Milliseconds of work on tools before others get a turn. */
const TURN_MS = 10;
const CHANGED_LONG = ["… what was there before was too long to keep"];

export class ToolPins {
  constructor(
    /** Bound to the process that asks. */
    private readonly store: Ref<Store>,
    private readonly project: string,
  ) {}

  /** Takes in what a server lists now: pins what is new, notes what is another than before, and answers with all that differ from
   * their pins. */
  async look(server: string, tools: readonly NamespacedTool[]): Promise<ToolChange[]> {
    const known = await this.rows(server);
    if (known === undefined) return [];
    const now = Date.now();
    const statements: Statement[] = [];
    const changes: ToolChange[] = [];
    let [count, bytes] = [known.size, 0];
    for await (const [tool, print] of fingerprinted(tools)) {
      const row = known.get(tool.name);
      if (row !== undefined && print !== row.fingerprint) changes.push(changeOf(this.project, tool, print, row));
      if (row === undefined ? ++count > MOST : print === row.seen) continue;
      const json = JSON.stringify(definitionOf(tool));
      const definition = json.length <= LONGEST && bytes + json.length <= MOST_BYTES ? json : "";
      bytes += definition.length;
      statements.push(
        row === undefined ? this.pinned(tool, print, definition, now) : this.seen(print, row, definition, now),
      );
    }
    await this.write(statements);
    return changes;
  }

  /** How this tool differs from its pin; undefined if it does not, or has none. */
  async changeOf(tool: NamespacedTool): Promise<ToolChange | undefined> {
    const row = (await this.rows(tool.server, tool.name))?.get(tool.name);
    const print = fingerprint(tool);
    return row === undefined || row.fingerprint === print ? undefined : changeOf(this.project, tool, print, row);
  }

  /** The pins of these tools and what has changed of them, by name. */
  async describe(
    tools: readonly NamespacedTool[],
  ): Promise<ReadonlyMap<string, Pin & { readonly change?: ToolChange }>> {
    const known = (await this.rows()) ?? new Map<string, PinRow>();
    let definitions: ReadonlyMap<string, PinRow> | undefined;
    const found = new Map<string, Pin & { readonly change?: ToolChange }>();
    for await (const [tool, print] of fingerprinted(tools)) {
      const row = known.get(tool.name);
      if (row === undefined) continue;
      const isSame = row.fingerprint === print;
      if (!isSame) definitions ??= await this.rows(undefined, undefined, true);
      const change = isSame ? {} : { change: changeOf(this.project, tool, print, definitions?.get(tool.name) ?? row) };
      found.set(tool.name, { fingerprint: row.fingerprint, since: row.since, ...change });
    }
    return found;
  }

  private pinned({ name }: NamespacedTool, print: string, definition: string, now: number): Statement {
    return {
      sql: `INSERT OR IGNORE INTO tool_fingerprints (project, tool, fingerprint, since, definition, seen, seen_since)
            VALUES (?, ?, ?, ?, ?, ?, ?)`,
      params: [this.project, name, print, now, definition, print, now],
    };
  }

  private seen(print: string, { tool, fingerprint: pinned }: PinRow, definition: string, now: number): Statement {
    return {
      sql: "UPDATE tool_fingerprints SET seen = ?, seen_since = ?, seen_definition = ? WHERE project = ? AND tool = ?",
      params: [print, now, print === pinned ? "" : definition, this.project, tool],
    };
  }

  /** Some at a time, so that nobody waits long. What cannot be written now is new again at the next look. */
  private async write(statements: readonly Statement[]): Promise<void> {
    for (let from = 0; from < statements.length; from += AT_A_TIME) {
      const some = statements.slice(from, from + AT_A_TIME);
      try {
        await again(() => this.store.call.write(...some));
      } catch (error) {
        if (error instanceof StoreError || error instanceof CallError) return;
        throw error;
      }
    }
  }

  /** Undefined while the database cannot be read: nothing is known then, and nothing to be concluded. */
  private async rows(
    server?: string,
    tool?: string,
    withDefinitions = server !== undefined,
  ): Promise<Map<string, PinRow> | undefined> {
    const [from, to] = server === undefined ? ["", "\u{10FFFF}"] : tool === undefined ? namesOf(server) : [tool, tool];
    const definition = withDefinitions ? "definition" : "'' AS definition";
    const sql = `SELECT tool, fingerprint, since, seen, ${definition} FROM tool_fingerprints
      WHERE project = ? AND tool >= ? AND tool <= ?`;
    try {
      const rows = await again(() => this.store.call.all({ sql, params: [this.project, from, to] }));
      return new Map(rows.map((row) => [String(row.tool), pinRow(row)]));
    } catch (error) {
      if (error instanceof StoreError || error instanceof CallError) return undefined;
      throw error;
    }
  }
}

/** Makes the tool as it is seen now its own pin; for a transaction with what allows it. Does nothing if it is another one again. */
export function acceptStatement(project: string, tool: string, print: string): Statement {
  return {
    sql: `UPDATE tool_fingerprints
          SET fingerprint = seen, since = CASE WHEN fingerprint = seen THEN since ELSE ? END,
              definition = CASE WHEN fingerprint = seen THEN definition ELSE seen_definition END, seen_definition = ''
          WHERE project = ? AND tool = ? AND seen = ?`,
    params: [Date.now(), project, tool, print],
  };
}

interface PinRow extends Pin {
  readonly tool: string;
  readonly seen: string;
  readonly definition: string;
}

function pinRow({ tool, fingerprint: print, since, seen, definition }: Row): PinRow {
  const known = { tool: String(tool), fingerprint: String(print), since: Number(since) };
  return { ...known, seen: String(seen), definition: String(definition) };
}

/** All names that begin with `server.` lie between these: `/` comes right after the dot. */
function namesOf(server: string): [from: string, to: string] {
  return [`${server}.`, `${server}/`];
}

function changeOf(project: string, tool: NamespacedTool, print: string, row: PinRow): ToolChange {
  const { name, server } = tool;
  const diff =
    row.definition === "" ? CHANGED_LONG : toolDiff(JSON.parse(row.definition) as ToolDefinition, definitionOf(tool)); // `jsonOf` has written it
  return { tool: name, server, project, fingerprint: print, pinnedAt: row.since, diff };
}

/** Lets others have a turn between many. */
async function* fingerprinted(tools: readonly NamespacedTool[]): AsyncGenerator<readonly [NamespacedTool, string]> {
  let since = performance.now();
  for (const tool of tools) {
    if (performance.now() - since > TURN_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      since = performance.now();
    }
    yield [tool, fingerprint(tool)];
  }
}
