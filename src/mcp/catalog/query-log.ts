// The log of what was asked: rows are gathered beside the answers and handed to the Store a quarter of a second later, which writes
// them when it has time. The oldest go as new ones come. What looks like a secret is hidden, and such a question is not told whole.
import type { Statement } from "../../actors/store/statement.js";
import { redact } from "../../actors/telemetry/redact.js";

export interface LoggedQuery {
  readonly method: string;
  /** The whole question, as JSON. */
  readonly params: string;
  readonly capability?: string | undefined;
  readonly role?: string | undefined;
  readonly context?: string | undefined;
  /** Ids of what was found. */
  readonly returned: readonly string[];
  readonly cacheHit: boolean;
  readonly ms: number;
}

export interface QueryLogOptions {
  readonly project: string;
  /** 0: none is written. */
  readonly maxRows: number;
  write(statements: readonly Statement[]): void;
  /** Asks for `flush` after so long. */
  later(ms: number): void;
}

const GATHER_MS = 250;
/** Of one gathering; a flood is told by its beginning. */
const MOST = 500;
/** Of what was asked lately, how much is looked at for what is asked often. */
const LATELY = 2_000;

export class QueryLog {
  private rows: { readonly at: string; readonly query: LoggedQuery }[] = [];

  constructor(private readonly options: QueryLogOptions) {}

  add(query: LoggedQuery): void {
    if (this.rows.length >= MOST || this.options.maxRows === 0) return;
    if (this.rows.length === 0) this.options.later(GATHER_MS);
    this.rows.push({ at: new Date().toISOString(), query });
  }

  flush(): void {
    const rows = this.rows;
    if (rows.length === 0) return;
    this.rows = [];
    this.options.write([...rows.map(({ at, query }) => this.inserted(at, query)), this.pruned()]);
  }

  private inserted(at: string, { params, returned, cacheHit, ...query }: LoggedQuery): Statement {
    const text = (value: string | undefined): string | null => (value === undefined ? null : redact(value));
    return {
      sql: `INSERT INTO agent_queries
          (timestamp, project, method, capability, role, context, params, agents_returned, cache_hit, duration_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [
        ...[at, this.options.project, query.method, text(query.capability), text(query.role), text(query.context)],
        ...[redact(params) === params ? params : null, JSON.stringify(returned), Number(cacheHit), query.ms],
      ],
    };
  }

  /** Twice as many as can have come, so that a log that was made smaller becomes so. */
  private pruned(): Statement {
    return {
      sql: `DELETE FROM agent_queries WHERE id IN
        (SELECT id FROM agent_queries WHERE id <= (SELECT MAX(id) FROM agent_queries) - ? ORDER BY id LIMIT ${2 * MOST})`,
      params: [this.options.maxRows],
    };
  }
}

/** What was asked most of late, the most frequent first: `method` and `params`. */
export function askedOften(project: string, limit: number): Statement {
  return {
    sql: `SELECT method, params, COUNT(*) AS times
      FROM (SELECT method, params, id FROM agent_queries WHERE project = ? ORDER BY id DESC LIMIT ${LATELY})
      WHERE params IS NOT NULL GROUP BY method, params ORDER BY times DESC, MAX(id) DESC LIMIT ?`,
    params: [project, limit],
  };
}
