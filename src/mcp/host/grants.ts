// What a process that runs foreign code may reach. Nothing is granted that is not named.
import { z } from "zod";

const paths = z.array(z.string().min(1).max(4096)).max(200).default([]);

export const grantsSchema = z.strictObject({
  /** Files and folders it may read, with all below them; absolute. */
  read: paths,
  /** Files and folders it may write, with all below them; absolute. */
  write: paths,
  /** The hosts it may connect to, as `host` or `host:port`, `*.` for every name below; true: all, false: none. */
  net: z.union([z.boolean(), z.array(z.string().min(1).max(300)).max(200)]).default(false),
  /** Whether it may start programs. Whoever may do that is not confined by the rest. */
  run: z.boolean().default(false),
  /** Whether it may start worker threads. */
  workers: z.boolean().default(false),
  /** Whether it may load native addons. Whoever may do that is not confined by the rest. */
  addons: z.boolean().default(false),
  /** The variables of our own environment that it gets, besides those every program needs. */
  env: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .max(200)
    .default([]),
  /** The most JavaScript heap it may use, in megabytes. Default: 256. */
  heapMB: z.int().min(32).max(16_384).optional(),
});

export type Grants = z.output<typeof grantsSchema>;

export const noGrants: Grants = grantsSchema.parse({});
