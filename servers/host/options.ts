// The command line of the host: without anything it is the bundled tools for any MCP client, in the folder it was started in. With
// `--set` it is one process of Banyan's tool host, which speaks of more (see main.ts).
import { realpathSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";

const options = z.object({
  set: z.enum(["bundled", "dynamic"]).optional(),
  /** The folder that file tools work in. */
  root: z.string().min(1).default("."),
  /** Milliseconds of one call at most. */
  "call-timeout": z.coerce.number().int().min(1).max(86_400_000).default(30_000),
});

export interface HostOptions {
  readonly set: "bundled" | "dynamic" | undefined;
  /** A real path. */
  readonly root: string;
  readonly timeMs: number;
}

export function hostOptions(args: readonly string[]): HostOptions {
  const one = { type: "string" } as const;
  const { values } = parseArgs({ args: [...args], options: { set: one, root: one, "call-timeout": one } });
  const { set, root, "call-timeout": timeMs } = options.parse(values);
  // Dynamic tools touch no file, and are not even told of one.
  return { set, root: set === "dynamic" ? "/" : realpathSync(root), timeMs };
}
