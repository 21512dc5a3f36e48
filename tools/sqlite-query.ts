// One reading query on a SQLite file of the working folder, which the primary runs in a process of its own: this process may load no
// native code.
import { z } from "zod";
import { defineTool } from "./define.js";
import { expected } from "./support/answers.js";
import { count } from "./support/text.js";

const answer = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
  more: z.boolean(),
});

export const sqliteQuery = defineTool({
  name: "sqlite_query",
  description:
    "Run one SQL query on a SQLite database file of the working folder and return the rows. It only reads: SELECT, WITH, VALUES, EXPLAIN, and PRAGMA " +
    "table_info and the like. To see the tables: SELECT name, sql FROM sqlite_schema. Give values as parameters for ? in the query. It stops " +
    "after 5 s. For CSV files use csv_query.",
  input: z.strictObject({
    path: z.string().min(1).max(4096).describe("The database, relative to the working folder, such as data/app.db"),
    query: z
      .string()
      .min(1)
      .max(20_000)
      .describe("One statement, such as SELECT name FROM users WHERE age > ? LIMIT 10"),
    parameters: z
      .array(z.union([z.string().max(10_000), z.number(), z.null()]))
      .max(100)
      .default([])
      .describe("The values for each ? in the query, in order"),
    max_rows: z.int().min(1).max(1_000).default(100).describe("Stop after this many rows"),
  }),
  annotations: {
    title: "Query a SQLite database",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["sqlite"],
  async handler(args, { ask }) {
    const { columns, rows, more } = expected(answer, await ask("sqlite.query", args));
    const { stringify } = await import("csv-stringify/sync");
    const cells = rows.map((row) => row.map((cell) => (cell === null ? "NULL" : String(cell))));
    const remark = more ? "(There is more; narrow the query or raise max_rows.)" : `(${count(rows.length, "row")}.)`;
    return [stringify([columns, ...cells]).trimEnd(), remark];
  },
});
