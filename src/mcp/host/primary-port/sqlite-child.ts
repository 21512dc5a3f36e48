// The program that runs one query: reads an order from stdin, writes an answer to stdout, ends. SQLite opens the file for reading
// alone, and what a statement may be is settled before SQLite sees it: some pragmas take effect while they are compiled, and ATTACH counts as
// reading though it opens any file.
import { readFileSync } from "node:fs";
import { hold } from "../../../actors/store/held.js";

export interface SqliteOrder {
  readonly file: string;
  readonly query: string;
  readonly parameters: readonly (string | number | null)[];
  readonly maxRows: number;
}

export type SqliteCell = string | number | null;

export interface SqliteAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqliteCell[])[];
  /** There were more rows than were taken. */
  readonly more: boolean;
}

/** Of one text, in UTF-16 units. */
const LONGEST_CELL = 4_000;
/** Of all texts together. */
const LONGEST_ANSWER = 400_000;
const MOST_COLUMNS = 200;
const BUSY_MS = 1_000;

const READING = /^(?:explain\s+(?:query\s+plan\s+)?)?(?:select|with|values)\b/i;
const PRAGMA = new RegExp(
  "^pragma\\s+(?:" +
    "(?:table_info|table_xinfo|index_list|index_info|index_xinfo|foreign_key_list)\\s*\\(\\s*(?:'[^']*'|\"[^\"]*\"|[\\w$]+)\\s*\\)" +
    "|table_list|user_version|application_id|encoding|page_count|page_size|compile_options|function_list)\\s*;?\\s*$",
  "i",
);

async function main(): Promise<SqliteAnswer | { readonly problem: string }> {
  // The one that started this program writes it.
  const { file, query, parameters, maxRows } = JSON.parse(readFileSync(0, "utf8")) as SqliteOrder;
  const statement = withoutComments(query);
  if (!READING.test(statement) && !PRAGMA.test(statement)) {
    return {
      problem:
        "Only one SELECT, WITH, VALUES, EXPLAIN or PRAGMA table_info and the like may run here; this only reads.",
    };
  }
  try {
    const { default: Database } = await import("better-sqlite3");
    const database = hold(new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_MS }));
    database.exec("PRAGMA query_only = 1; PRAGMA trusted_schema = 0; PRAGMA cell_size_check = 1; PRAGMA mmap_size = 0");
    const prepared = hold(database.prepare(query));
    if (!prepared.reader || !prepared.readonly)
      return { problem: "The statement would change something; only reading is done here." };
    return read(prepared.safeIntegers().raw(), parameters, maxRows);
  } catch (error) {
    return { problem: sentence(error) };
  }
}

function read(
  prepared: import("better-sqlite3").Statement,
  parameters: readonly unknown[],
  maxRows: number,
): SqliteAnswer {
  const columns = prepared.columns().map(({ name }) => name.slice(0, LONGEST_CELL));
  const rows: SqliteCell[][] = [];
  let left = LONGEST_ANSWER;
  let more = columns.length > MOST_COLUMNS;
  for (const row of hold(prepared.iterate(...parameters))) {
    if (rows.length === maxRows || left <= 0) {
      more = true;
      break;
    }
    // What raw() makes of a row is a list.
    const cells = (row as unknown[]).slice(0, MOST_COLUMNS).map(cell);
    for (const value of cells) left -= typeof value === "string" ? value.length : 8;
    rows.push(cells);
  }
  return { columns: columns.slice(0, MOST_COLUMNS), rows, more };
}

function cell(value: unknown): SqliteCell {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "string") return value.length > LONGEST_CELL ? `${value.slice(0, LONGEST_CELL)}…` : value;
  if (value instanceof Uint8Array)
    return `<${value.length} bytes: ${Buffer.from(value.subarray(0, 16)).toString("hex")}${value.length > 16 ? "…" : ""}>`;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  return null;
}

/** What stands before the first word is taken away; comments further on do no harm. */
function withoutComments(query: string): string {
  let rest = query;
  for (;;) {
    const next = rest.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|;)/, "");
    if (next === rest) return rest;
    rest = next;
  }
}

function sentence(error: unknown): string {
  const said = error instanceof Error ? error.message.replace(/\s+/g, " ").slice(0, 300) : "it failed";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT"))
    return "The file is damaged or no SQLite database; check it or restore a copy.";
  if (code.startsWith("SQLITE_BUSY")) return "Another program holds the database locked; try again in a moment.";
  if (code.startsWith("SQLITE_CANTOPEN"))
    return "The database cannot be opened for reading; check it and the folder's permissions.";
  if (code.startsWith("SQLITE_READONLY"))
    return "The database needs to be repaired by a program that may write before it can be read.";
  return `The query failed: ${said}; read the schema with SELECT sql FROM sqlite_schema and correct it.`;
}

process.stdout.write(JSON.stringify(await main()));
