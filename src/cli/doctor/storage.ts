// Where Banyan keeps things: whether its folders can be written, whether the database is whole, and who else may enter.
import { lstatSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Paths } from "../../actors/paths.js";
import { platform } from "../../actors/platform/index.js";
import { messageOf } from "../../supervision/index.js";
import { type Finding, reporter } from "./finding.js";

const LITTLE_SPACE = 1024 ** 3;
const NO_SPACE = 100 * 1024 ** 2;
const OLD_BACKUP_MS = 2 * 86_400_000;

export async function checkStorage(paths: Paths): Promise<Finding[]> {
  return [
    checkFolder("data folder", paths.data),
    checkFolder("state folder", paths.state),
    await checkDatabase(paths.database),
    ...checkSpace(paths.data),
    ...checkBackups(join(paths.data, "backups")),
  ];
}

/** Really writes: modes alone do not tell of a full disk, a read-only mount or the rights of root. */
function checkFolder(what: string, folder: string): Finding {
  const { ok, fail } = reporter("storage");
  const there = nearest(folder);
  try {
    const probe = join(there, `.banyan-doctor-${process.pid}`);
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (error) {
    const mend = `Make ${there} a folder that you may write, or choose another with --home DIR.`;
    return fail(`The ${what} ${folder} cannot be written (${messageOf(error)}).`, mend);
  }
  return ok(`The ${what} ${folder} ${there === folder ? "can be written" : "can be made"}.`);
}

/** The folder itself, or the nearest above it that is there; what is no folder is found out by writing. */
function nearest(folder: string): string {
  let there = folder;
  while (entry(there) === undefined && dirname(there) !== there) there = dirname(there);
  return there;
}

async function checkDatabase(file: string): Promise<Finding> {
  const { ok, fail } = reporter("storage");
  const stats = entry(file);
  if (stats === undefined) return ok(`The database ${file} will be made by the first conversation.`);
  const [{ default: Database }, { hold }, { migrations }] = await Promise.all([
    import("better-sqlite3"),
    import("../../actors/store/held.js"),
    import("../../actors/store/migrations.js"),
  ]);
  try {
    const db = hold(new Database(file, { readonly: true, fileMustExist: true }));
    try {
      const version = Number(hold(db.prepare("PRAGMA user_version").pluck()).get());
      if (version > migrations.length) {
        return fail(
          `The database ${file} was written by a newer Banyan.`,
          "Update Banyan, or choose another --home DIR.",
        );
      }
      const said = hold(db.prepare("PRAGMA quick_check(1)").pluck()).get();
      if (said !== "ok") throw new Error(String(said));
    } finally {
      db.close();
    }
  } catch (error) {
    const mend =
      "Start banyan, which moves it aside and goes on with a good one, or put a copy from the backups folder in its place.";
    return fail(`The database ${file} is damaged (${messageOf(error)}).`, mend);
  }
  return ok(`The database ${file} is whole, ${(stats.size / 1024 ** 2).toFixed(1)} MB.`);
}

function checkSpace(folder: string): Finding[] {
  const { ok, warn, fail } = reporter("storage");
  try {
    const { bavail, bsize } = statfsSync(nearest(folder));
    const free = bavail * bsize;
    const text = `${(free / 1024 ** 3).toFixed(1)} GB are free on its disk.`;
    if (free < NO_SPACE) return [fail(text, "Make room: below 100 MB what is said may not be kept.")];
    return [free < LITTLE_SPACE ? warn(text, "Make room before less than 100 MB are left.") : ok(text)];
  } catch {
    return []; // the folder has been told of
  }
}

function checkBackups(folder: string): Finding[] {
  const { ok, warn } = reporter("storage");
  const files = namesIn(folder).filter((name) => name.endsWith(".db"));
  const newest = Math.max(...files.map((name) => entry(join(folder, name))?.mtimeMs ?? 0));
  if (files.length === 0) return [ok("There is no backup yet; a running Banyan takes one a day.")];
  const text = `${files.length} ${files.length === 1 ? "backup" : "backups"}, the newest of ${new Date(newest).toLocaleString("sv")}.`;
  if (Date.now() - newest < OLD_BACKUP_MS) return [ok(text)];
  return [warn(text, "Start banyan: it takes another when the newest is older than a day.")];
}

/** Who else may read or change what is kept. */
export function checkPermissions(paths: Paths): Finding[] {
  const { ok } = reporter("permissions");
  if (!platform.hasModes) return [ok("The system keeps the user's folders to the user.")];
  const places: [what: string, path: string][] = [
    ["data folder", paths.data],
    ["state folder", paths.state],
    ["folder of the control socket", paths.run],
    ["database", paths.database],
    ["folder of the sign-ins", paths.signIns],
    ...paths.config.flatMap(({ layer, file }): [string, string][] => [
      [`folder of the ${layer} settings`, dirname(file)],
      [`${layer} settings`, file],
    ]),
  ];
  const found = places.flatMap(([what, path]) => checkAccess(what, path, paths.run));
  return found.length > 0 ? found : [ok("Nobody else can enter Banyan's folders.")];
}

function checkAccess(what: string, path: string, run: string): Finding[] {
  const { warn, fail } = reporter("permissions");
  const stats = entry(path);
  if (stats === undefined) return [];
  const isSettings = what.endsWith("settings");
  const own = stats.uid === process.getuid?.();
  // Settings of the system are root's to write and everybody's to read.
  if (!own && !(isSettings && stats.uid === 0)) {
    return [
      fail(`The ${what} ${path} belongs to another user.`, `Take it over (chown), or choose another with --home DIR.`),
    ];
  }
  if (path === run && lstatSync(path).isSymbolicLink()) {
    return [fail(`The ${what} ${path} is a link.`, `Remove it: rm ${path}; Banyan makes a folder there.`)];
  }
  const closed = stats.isDirectory() ? "700" : "600";
  if ((stats.mode & 0o022) !== 0) {
    return [fail(`Others may change the ${what} ${path}.`, `Close it: chmod ${isSettings ? "go-w" : closed} ${path}.`)];
  }
  if ((stats.mode & 0o077) === 0 || isSettings) return [];
  return [warn(`Others may read the ${what} ${path}.`, `Close it: chmod ${closed} ${path}.`)];
}

function entry(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // a file stands where a folder should be on the way there
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
