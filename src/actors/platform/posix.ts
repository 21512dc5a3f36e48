// What Linux and macOS share: XDG folders, a Unix socket in a private folder, process groups and their signals.
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { posix } from "node:path";
import { BanyanError } from "../../supervision/errors.js";
import { type AppSocket, checkedGroup, type Platform, signalProcess } from "./platform.js";

// sockaddr_un holds 104 bytes on macOS and 108 on Linux, the closing zero included.
const LONGEST_SOCKET_PATH = 103;
const INHERITED = new Set(["PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER", "LOGNAME", "SHELL", "TZ"]);

export const posixPlatform: Omit<Platform, "name" | "groupUsages" | "ownProcesses" | "startOf"> = {
  path: posix,
  systemFolder: () => "/etc/banyan",
  baseFolders(env) {
    const home = env.HOME || homedir();
    // The specification: a relative path in an XDG variable is invalid and ignored.
    const base = (variable: string, fallback: string) => {
      const value = env[variable];
      return posix.join(value && posix.isAbsolute(value) ? value : posix.join(home, fallback), "banyan");
    };
    return {
      data: base("XDG_DATA_HOME", ".local/share"),
      state: base("XDG_STATE_HOME", ".local/state"),
      config: base("XDG_CONFIG_HOME", ".config"),
    };
  },
  /** In the run folder, or, where that path is too long for a socket, in a short folder named after it. */
  controlSocket(run, env) {
    const hash = createHash("sha256").update(run).digest("hex").slice(0, 12);
    const temporary = env.TMPDIR && posix.isAbsolute(env.TMPDIR) ? env.TMPDIR : "/tmp";
    const candidates = [run, posix.join(temporary, `banyan-${hash}`)].map((folder) =>
      posix.join(folder, "control.sock"),
    );
    const fits = candidates.find((candidate) => Buffer.byteLength(candidate) <= LONGEST_SOCKET_PATH);
    return fits ?? `/tmp/banyan-${hash}/control.sock`;
  },
  runFolder: (control) => posix.dirname(control),
  appSocket: (control, pid) => posix.join(posix.dirname(control), `${pid}.sock`),
  inherits: (name) => INHERITED.has(name) || name.startsWith("LC_"),
  hasModes: true,
  syncsFolders: true,
  endSignals: { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 },
  hasGroups: true,
  hasShell: true,

  prepareSocket(socket) {
    mkdirSync(posix.dirname(posix.dirname(socket)), { recursive: true });
    ensurePrivateFolder(posix.dirname(socket));
    rmSync(socket, { force: true }); // left by an earlier incarnation of this process
  },
  protectSocket: (socket) => chmodSync(socket, 0o600),
  removeSocket: (socket) => rmSync(socket, { force: true }),
  appSockets(control) {
    const folder = posix.dirname(control);
    return namesIn(folder).flatMap((name): AppSocket[] => {
      const pid = /^(\d{1,10})\.sock$/.exec(name)?.[1];
      const socket = posix.join(folder, name);
      const stats = pid === undefined ? undefined : statSync(socket, { throwIfNoEntry: false });
      return stats === undefined ? [] : [{ pid: Number(pid), socket, since: stats.ctimeMs }];
    });
  },

  signalGroup: (pgid, signal) => signalProcess(-checkedGroup(pgid), signal),
  isGroupAlive: (pgid) => signalProcess(-checkedGroup(pgid), 0),
};

/** What is in a folder; nothing where there is none. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * Makes a folder that only its owner may enter, or tightens one that is there. A link, or a folder of somebody else
 * (anyone may make one in /tmp beforehand), is refused with `folder_not_private`; other errors are the disk's own.
 */
export function ensurePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  const stranger = process.getuid !== undefined && stats.uid !== process.getuid();
  if (!stats.isDirectory() || stranger) {
    throw new BanyanError(
      "folder_not_private",
      `${folder} is a link or belongs to another user; remove it or set BANYAN_HOME.`,
    );
  }
  if (process.getuid !== undefined && (stats.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}
