// One reading statement on a SQLite file of the project, in a Node of its own: a query can run for hours inside native code, where
// nothing but the end of its process stops it, and a file made to break the library breaks that process alone. What is
// written is what SQLite itself puts beside a database in WAL mode, `-shm` and an empty `-wal`, without which nobody can read it.
import { spawn } from "node:child_process";
import { lstat, open, realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { PortAnswerer } from "./index.js";
import { isBelow } from "./is-below.js";
import { PortError } from "./port-error.js";
import type { SqliteAnswer, SqliteOrder } from "./sqlite-child.js";

const QUERY_MS = 5_000;
const MAX_HEAP_MB = 128;
/** What the child may write: its own limit on cells and what JSON adds. */
const MAX_OUTPUT = 2_000_000;
const HEADER = "SQLite format 3\0";

const queryArgs = z.strictObject({
  path: z.string().min(1).max(4_096),
  query: z.string().min(1).max(20_000),
  parameters: z
    .array(z.union([z.string().max(10_000), z.number(), z.null()]))
    .max(100)
    .default([]),
  max_rows: z.int().min(1).max(1_000).default(100),
});

/** Answers with {@link SqliteAnswer}. */
export const sqliteQuery = queryWithin(QUERY_MS);

export function queryWithin(ms: number): PortAnswerer<z.output<typeof queryArgs>> {
  return {
    args: queryArgs,
    async answer({ path, query, parameters, max_rows: maxRows }, { project, signal }) {
      const file = await databaseFile(project, path);
      const answer = await inChild({ file, query, parameters, maxRows }, ms, signal);
      if ("problem" in answer) throw new PortError(answer.problem);
      return { ...answer };
    },
  };
}

/** The real path of a file in the project that begins as every database does. */
async function databaseFile(project: string, path: string): Promise<string> {
  const outside = new PortError(`"${path}" leads outside the working folder; give a path inside it.`);
  const named = resolve(project, path.replaceAll("\0", "�"));
  // Not even whether there is something outside is told.
  if (!isBelow(project, named)) throw outside;
  const real = await realpath(named).catch(() => {
    throw new PortError(`"${path}" does not exist; use find_files to find the database.`);
  });
  if (!isBelow(project, real)) throw outside;
  if (!(await lstat(real)).isFile()) throw new PortError(`"${path}" is no file; give the database's own path.`);
  // What SQLite opens beside the file would be followed to wherever a link leads.
  for (const beside of ["-wal", "-shm", "-journal"]) {
    if ((await lstat(`${real}${beside}`).catch(() => undefined))?.isSymbolicLink()) {
      throw new PortError(`Beside "${path}" lies a symbolic link in place of its ${beside} file; remove it.`);
    }
  }
  const handle = await open(real, "r").catch(() => {
    throw new PortError(`"${path}" may not be read; check its permissions.`);
  });
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(16), 0, 16, 0);
    if (bytesRead > 0 && buffer.toString("latin1") !== HEADER) {
      throw new PortError(`"${path}" is no SQLite database; use read_file for a text file.`);
    }
  } finally {
    await handle.close();
  }
  return real;
}

function inChild(
  order: SqliteOrder,
  ms: number,
  signal: AbortSignal,
): Promise<SqliteAnswer | { readonly problem: string }> {
  return new Promise((settle, reject) => {
    const script = fileURLToPath(new URL("./sqlite-child.js", import.meta.url));
    const child = spawn(process.execPath, [`--max-old-space-size=${MAX_HEAP_MB}`, script], {
      stdio: ["pipe", "pipe", "ignore"],
      env: {},
      windowsHide: true,
    });
    let output = "";
    const end = (): void => void child.kill("SIGKILL");
    const timer = setTimeout(() => {
      reject(new PortError(`The query took longer than ${ms / 1_000} s and was stopped; narrow it or add LIMIT.`));
      end();
    }, ms);
    const abort = (): void => {
      reject(signal.reason);
      end();
    };
    signal.addEventListener("abort", abort, { once: true });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.length > MAX_OUTPUT) end();
    });
    child.once("error", reject);
    child.once("close", () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      try {
        // Written by our own program below.
        settle(JSON.parse(output) as SqliteAnswer | { readonly problem: string });
      } catch {
        reject(
          new PortError("The query used too much memory or the file is damaged; narrow the query or check the file."),
        );
      }
    });
    child.stdin.on("error", () => {}); // it ended before it had read
    child.stdin.end(JSON.stringify(order));
  });
}
