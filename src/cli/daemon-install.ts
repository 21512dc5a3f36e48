// `banyan daemon install`: has the system itself run the daemon, from the next sign-in on.
import { lstatSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { replaceFile } from "../actors/config/replace-file.js";
import { daemonFiles } from "../actors/daemon/record.js";
import {
  LABEL,
  launchdPlist,
  type Service,
  type ServiceUnit,
  scheduledTask,
  systemdUnit,
} from "../actors/daemon/service-units.js";
import { BanyanError } from "../supervision/index.js";
import { STOP_MORE_MS } from "./daemon.js";
import { fileOptions } from "./file-options.js";
import type { CommonOptions } from "./options.js";
import { setUp } from "./settings.js";

type System = "linux" | "macos" | "windows";

export interface DaemonInstallOptions extends CommonOptions {
  readonly print?: boolean;
  readonly platform?: System;
  readonly remove?: boolean;
}

/** Files that are to go with the unit's own: what enabling it has made. */
interface Place {
  readonly file: string;
  readonly links: readonly string[];
}

export async function installDaemon(options: DaemonInstallOptions): Promise<void> {
  const { paths, loaded } = await setUp(options);
  const here = systemHere();
  const system = options.platform ?? here;
  const cli = fileURLToPath(new URL("../cli.js", import.meta.url));
  // The task scheduler starts nobody again, so there the daemon has a keeper of its own.
  const words = system === "windows" ? ["daemon", "start"] : ["serve", "--http", "--daemon"];
  const unit = unitFor(system, {
    command: [process.execPath, cli, ...words, ...fileOptions(options)],
    folder: process.cwd(),
    path: process.env.PATH ?? "",
    stderr: daemonFiles(paths).stderr.path,
    stopSeconds: Math.ceil((loaded.config.server.drain + STOP_MORE_MS) / 1_000),
  });
  if (options.print === true) return void process.stdout.write(unit.text);
  if (system !== here)
    throw new BanyanError("usage", `This machine does not run ${system}; banyan daemon install --print shows it.`);
  const place = placeOn(system);
  if (place === undefined) {
    const what = options.remove === true ? unit.disable : unit.enable;
    process.stdout.write(`Run this:\n  ${what}\n`);
  } else if (options.remove === true) remove(place, unit);
  else install(place, unit);
}

function install({ file }: Place, { text, enable }: ServiceUnit): void {
  mkdirSync(dirname(file), { recursive: true });
  const isThere = contentOf(file) === text;
  if (!isThere) replaceFile(file, text, 0o644);
  process.stdout.write(`${isThere ? `${file} is there already` : `Written: ${file}`}. Now run:\n  ${enable}\n`);
  process.stdout.write("What the settings take from the environment has to be set for the service too.\n");
}

function remove({ file, links }: Place, { disable }: ServiceUnit): void {
  const there = [file, ...links].filter((each) => lstatSync(each, { throwIfNoEntry: false }) !== undefined);
  for (const each of there) rmSync(each);
  process.stdout.write(
    there.length === 0 ? `There is no ${file}.\n` : `Removed: ${there.join(", ")}. Now run:\n  ${disable}\n`,
  );
}

function unitFor(system: System, service: Service): ServiceUnit {
  if (system === "windows") return scheduledTask(service);
  return system === "macos" ? launchdPlist(service) : systemdUnit(service);
}

/** Undefined where there is no file for it. */
function placeOn(system: System): Place | undefined {
  if (system === "windows") return undefined;
  if (system === "macos") return { file: join(homedir(), "Library", "LaunchAgents", `${LABEL}.plist`), links: [] };
  const folder = join(process.env.XDG_CONFIG_HOME || join(homedir(), ".config"), "systemd", "user");
  return { file: join(folder, "banyan.service"), links: [join(folder, "default.target.wants", "banyan.service")] };
}

function systemHere(): System {
  if (process.platform === "win32") return "windows";
  return process.platform === "darwin" ? "macos" : "linux";
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
