// LineEditor: what was typed in this folder before, for Up, Down and search. It owns the table `input_history`, in which a line
// typed again takes the place of the older one, and keeps at most so many lines a folder. Screens come and go; they ask it
// for the lines once and tell it each new one, and nobody who types ever waits for it.
// permanent, 1 s. It holds nothing of its own: what it acknowledged is in the Store.
import { type Failure, failure, GenServer, messageOf, type Named, type Ref } from "../supervision/index.js";
import { again } from "./again.js";
import { Condition, type HealthStatus } from "./health/status.js";
import type { Row, Statement } from "./store/statement.js";
import { type Store, StoreError } from "./store/store.js";

export interface LineEditorOptions {
  readonly store: Named<Store>;
  /** The folder the lines belong to. */
  readonly project: string;
  /** Most lines kept. */
  readonly size: number;
}

interface LineEditorState {
  readonly project: string;
  readonly size: number;
}

/** A longer line, a pasted file say, is not kept; in UTF-16 units. */
export const LONGEST_LINE = 64 * 1024;
/** Lines read at once, so that no question holds up the Store. */
const PAGE = 500;
/** Most lines one search finds. */
const MOST_FOUND = 100;

export class LineEditor extends GenServer<LineEditorOptions, LineEditorState> {
  private store!: Ref<Store>; // set by init
  private readonly condition = new Condition("nothing remembered yet");

  protected override init({ store, project, size }: LineEditorOptions) {
    this.store = this.use(store);
    this.state = { project, size };
  }

  /** The lines, oldest first. Fails with {@link StoreError}. */
  history(): Promise<string[] | Failure<StoreError>> {
    const { project, size } = this.state;
    return this.told(async () => {
      const lines: string[] = [];
      for (let before = Number.MAX_SAFE_INTEGER; lines.length < size; ) {
        const rows = await this.rows(
          "AND id < ? ORDER BY id DESC LIMIT ?",
          before,
          Math.min(PAGE, size - lines.length),
        );
        lines.push(...rows.map(({ text }) => String(text)));
        const last = rows.at(-1);
        if (last === undefined) break;
        before = Number(last.id);
      }
      this.condition.say("ok", `${lines.length} lines of ${project}`);
      return lines.reverse();
    });
  }

  /** Keeps a line that was sent; resolves once it is on disk. The same line again is one. Fails with {@link StoreError}. */
  remember(line: string): Promise<undefined | Failure<StoreError>> {
    return this.told(async () => {
      if (line.length <= LONGEST_LINE) await again(() => this.store.call.write(...this.kept(line)));
      this.condition.say("ok", `last remembered at ${new Date().toISOString()}`);
      return undefined;
    });
  }

  /** The lines that contain the text, whatever the case, newest first. Fails with {@link StoreError}. */
  search(text: string, limit = 20): Promise<string[] | Failure<StoreError>> {
    const most = Math.max(0, Math.min(limit, MOST_FOUND));
    return this.told(async () => {
      const rows = await this.rows("AND instr(lower(text), lower(?)) > 0 ORDER BY id DESC LIMIT ?", text, most);
      return rows.map((row) => String(row.text));
    });
  }

  getStatus(): HealthStatus {
    return this.condition.status;
  }

  private kept(line: string): Statement[] {
    const { project, size } = this.state;
    return [
      { sql: "INSERT OR REPLACE INTO input_history (project, text) VALUES (?, ?)", params: [project, line] },
      {
        sql: `DELETE FROM input_history WHERE project = ? AND id <=
              (SELECT id FROM input_history WHERE project = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
        params: [project, project, size],
      },
    ];
  }

  private rows(rest: string, ...params: (string | number)[]): Promise<Row[]> {
    const sql = `SELECT id, text FROM input_history WHERE project = ? ${rest}`;
    return again(() => this.store.call.all({ sql, params: [this.state.project, ...params] }));
  }

  /** What the Store refuses is the caller's to know, and no crash. */
  private async told<T>(work: () => Promise<T>): Promise<T | Failure<StoreError>> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.condition.say("error", messageOf(error));
      return failure(error);
    }
  }
}
