// Windows: folders under %LOCALAPPDATA% and %APPDATA%, a named pipe, and neither process groups nor signals: a program is ended
// with its descendants by taskkill. What a program takes and when it started, the system would tell too slowly to be asked.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { win32 } from "node:path";
import { type AppSocket, checkedGroup, type Platform, signalProcess } from "./platform.js";

const PIPES = "\\\\.\\pipe\\";
const INHERITED = new Set([
  "APPDATA",
  "COMSPEC",
  "HOMEDRIVE",
  "HOMEPATH",
  "LOCALAPPDATA",
  "PATH",
  "PATHEXT",
  "PROCESSOR_ARCHITECTURE",
  "PROGRAMFILES",
  "SYSTEMDRIVE",
  "SYSTEMROOT",
  "TEMP",
  "TMP",
  "USERNAME",
  "USERPROFILE",
]);

export const windows: Platform = {
  name: "Windows",
  path: win32,
  systemFolder: (env) => win32.join(env.PROGRAMDATA || "C:\\ProgramData", "banyan"),
  baseFolders(env) {
    const home = env.USERPROFILE || homedir();
    const base = (variable: string, fallback: string) => {
      const value = env[variable];
      return win32.join(value && win32.isAbsolute(value) ? value : win32.join(home, fallback), "banyan");
    };
    const local = base("LOCALAPPDATA", "AppData\\Local");
    return {
      data: win32.join(local, "data"),
      state: win32.join(local, "state"),
      config: base("APPDATA", "AppData\\Roaming"),
    };
  },
  controlSocket: (run) => `${PIPES}banyan-${createHash("sha256").update(run).digest("hex").slice(0, 12)}`,
  runFolder: (_, run) => run,
  appSocket: (control, pid) => `${control}-${pid}`,
  inherits: (name) => INHERITED.has(name.toUpperCase()) || name.toUpperCase().startsWith("LC_"),
  hasModes: false,
  syncsFolders: false,
  // Ctrl-C, Ctrl-Break and the closing of the window; the system gives a closing one ten seconds.
  endSignals: { SIGINT: 130, SIGBREAK: 149, SIGHUP: 129 },
  hasGroups: false,
  hasShell: false,

  // Pipes are no files: they end with their process, and a new one is its creator's own.
  prepareSocket: () => {},
  protectSocket: () => {},
  removeSocket: () => {},
  appSockets: (control) => socketsAmong(pipes(), control),

  signalGroup(pgid) {
    const args = ["/PID", String(checkedGroup(pgid)), "/T", "/F"];
    return spawnSync("taskkill", args, { windowsHide: true }).status === 0;
  },
  isGroupAlive: (pgid) => signalProcess(checkedGroup(pgid), 0),
  groupUsages: () => Promise.resolve(new Map()),
  ownProcesses: () => Promise.resolve(undefined),
  startOf: () => "",
};

/** The apps' pipes among all names of pipes. */
export function socketsAmong(names: readonly string[], control: string): AppSocket[] {
  const prefix = `${control.slice(PIPES.length)}-`;
  return names.flatMap((name): AppSocket[] => {
    const pid = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    return /^\d{1,10}$/.test(pid) ? [{ pid: Number(pid), socket: PIPES + name, since: 0 }] : [];
  });
}

function pipes(): string[] {
  try {
    return readdirSync(PIPES);
  } catch {
    return [];
  }
}
