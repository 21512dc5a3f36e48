// What was typed in this folder before: read once at the start, added to with every line, kept in the database. The Draft it
// fills is what the screen edits in; it lives here, outside the tree, so that the screen may crash.
import { names } from "../application.js";
import { Draft } from "../ui/draft.js";

export class InputHistory {
  readonly draft = new Draft();

  constructor(
    private readonly project: string,
    /** Most lines kept. */
    private readonly size: number,
  ) {}

  /** To be called once the tree runs. A history that cannot be read is an empty one. */
  async load(): Promise<void> {
    const sql = "SELECT text FROM input_history WHERE project = ? ORDER BY id DESC LIMIT ?";
    const rows = await names.store.call.all({ sql, params: [this.project, this.size] }).catch(() => []);
    for (const { text } of rows.reverse()) if (typeof text === "string") this.draft.remember(text);
  }

  add(line: string): void {
    names.store.cast.write(
      { sql: "INSERT INTO input_history (project, text) VALUES (?, ?)", params: [this.project, line] },
      {
        sql: `DELETE FROM input_history WHERE project = ? AND id <=
              (SELECT id FROM input_history WHERE project = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
        params: [this.project, this.project, this.size],
      },
    );
  }
}
