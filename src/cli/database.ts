// The database for a command that has no tree of its own: a Store and an Audit for as long as the command works, beside whatever
// app is running on the same file.
import { randomUUID } from "node:crypto";
import { Audit } from "../actors/audit/audit.js";
import type { Paths } from "../actors/paths.js";
import { Store } from "../actors/store/store.js";
import { BanyanError, type Pid, stopProcess } from "../supervision/index.js";

export interface Database {
  readonly store: Pid<Store>;
  readonly audit: Pid<Audit>;
}

/** Rejects with `not_durable` where nothing that is written would last. */
export async function withDatabase<T>(paths: Paths, work: (database: Database) => Promise<T>): Promise<T> {
  const store = await Store.start({ file: paths.database });
  const audit = await Audit.start({ store, project: process.cwd(), run: randomUUID() });
  try {
    const { durable, notices } = await store.call.status();
    if (!durable)
      throw new BanyanError("not_durable", `Nothing was done, for lack of a database: ${notices.join(" ")}`);
    return await work({ store, audit });
  } finally {
    await stopProcess(audit);
    await stopProcess(store);
  }
}
