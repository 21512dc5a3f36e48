// What a tool may import, and where that lies: `zod` and `banyan/tool` are the host's own, by address, since a staged module is in no
// package that could find them by name; of Node's modules it gets those with which nothing outside the process can be reached.
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { LibraryError } from "./library-error.js";

/** The package's folder, seen from src/ and from dist/ alike. */
const packageRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "..");

const OURS: Readonly<Record<string, string>> = { zod: "tool-zod.js", "banyan/tool": "tool-api.js" };

const HARMLESS = [
  ...["assert", "assert/strict", "buffer", "crypto", "events", "path", "path/posix", "path/win32", "perf_hooks"],
  ...["punycode", "querystring", "stream", "stream/consumers", "stream/promises", "stream/web", "string_decoder"],
  ...["timers", "timers/promises", "url", "util", "util/types", "zlib"],
];

/** The code with every import by its address. Throws `tool_refused` for one that a tool may not have. */
export async function rewriteImports(code: string, file: string): Promise<string> {
  const { parseSync } = await import("rolldown/utils");
  const { module, errors } = parseSync("tool.mjs", code);
  if (errors[0] !== undefined) throw new LibraryError("tool_refused", `${file} is no module: ${errors[0].message}.`);
  const places = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest),
    ...module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest ?? [])),
    ...module.dynamicImports.map(({ moduleRequest }) => ({ ...moduleRequest, value: literal(code, moduleRequest) })),
  ];
  // `export { a, b } from "zod"` tells of one place twice.
  const byStart = new Map(places.map((place) => [place.start, place]));
  let rewritten = code;
  for (const { start, end, value } of [...byStart.values()].sort((a, b) => b.start - a.start)) {
    rewritten = `${rewritten.slice(0, start)}${JSON.stringify(addressOf(value, file))}${rewritten.slice(end)}`;
  }
  return rewritten;
}

function addressOf(wanted: string | undefined, file: string): string {
  if (wanted === undefined) {
    throw new LibraryError(
      "tool_refused",
      `${file} imports what is known only when it runs; write the name in quotes.`,
    );
  }
  const ours = Object.hasOwn(OURS, wanted) ? OURS[wanted] : undefined;
  if (ours !== undefined) return pathToFileURL(join(packageRoot, "dist", "servers", "host", ours)).href;
  const builtin = wanted.replace(/^node:/, "");
  if (HARMLESS.includes(builtin)) return `node:${builtin}`;
  throw new LibraryError(
    "tool_refused",
    `${file} imports "${wanted.slice(0, 100)}", which a tool may not have; there are zod, banyan/tool and node: modules such as crypto, path, url, util and zlib.`,
  );
}

/** What a dynamic import names; undefined unless it is a plain text. */
function literal(code: string, { start, end }: { readonly start: number; readonly end: number }): string | undefined {
  return /^(["'`])([\w:/@.-]+)\1$/.exec(code.slice(start, end))?.[2];
}
