// What differs between the systems Banyan runs on, as one interface with three variants (linux.ts, macos.ts, windows.ts), so that
// no other file asks which system it is on. What only speaks of paths and names is pure, so that each variant can be tested
// on any machine; the rest asks the system it was made for.
import type { PlatformPath } from "node:path";

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where files go when no home is named. */
export interface BaseFolders {
  readonly data: string;
  readonly state: string;
  readonly config: string;
}

/** The control socket of one app. */
export interface AppSocket {
  readonly pid: number;
  readonly socket: string;
  /** When it was made, in milliseconds since the epoch; 0 where the system does not say. */
  readonly since: number;
}

export interface GroupUsage {
  /** Resident memory of all its processes; what they share is counted in each. */
  readonly rssBytes: number;
  /** Processor time so far, in milliseconds. */
  readonly cpuMs: number;
}

/** One process of this user. */
export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly rssBytes: number;
  /** Processor time so far, in milliseconds. */
  readonly cpuMs: number;
  /** How long it has run, in seconds. */
  readonly seconds: number;
  /** Its program with its arguments, as it tells them itself; a name in brackets where it tells none. */
  readonly command: string;
}

export interface Platform {
  readonly name: "Linux" | "macOS" | "Windows";

  // Folders and names: pure.
  readonly path: PlatformPath;
  systemFolder(env: Environment): string;
  baseFolders(env: Environment): BaseFolders;
  /** The control socket for a run folder; that of one app is named after it, see `appSocket`. */
  controlSocket(run: string, env: Environment): string;
  /** The folder the control socket lies in. */
  runFolder(control: string, run: string): string;
  appSocket(control: string, pid: number): string;
  /** The names of those variables of ours that a program may inherit. */
  inherits(name: string): boolean;
  /** Whether files have owners and modes that say who may read them. */
  readonly hasModes: boolean;
  /** Whether what a folder lists can be synced to disk, and a file by who only reads it; Windows' file system keeps the order by itself. */
  readonly syncsFolders: boolean;
  /** The signals that ask this program to end, each with the exit code that then tells of it. */
  readonly endSignals: Readonly<Partial<Record<NodeJS.Signals, number>>>;
  /** Whether a program that is started leads a process group of its own. */
  readonly hasGroups: boolean;
  /** Whether /bin/sh can be had for the minder. */
  readonly hasShell: boolean;

  // The control socket on this machine.
  /** Makes way for a socket: its folder, private, and nothing left of an earlier one. */
  prepareSocket(socket: string): void;
  /** Nobody else may open it. */
  protectSocket(socket: string): void;
  removeSocket(socket: string): void;
  /** Every app's socket, whether somebody is behind it or not. */
  appSockets(control: string): AppSocket[];

  // Processes on this machine.
  /** Sends `signal` to every process of the group, or ends a process and its descendants where there are no groups. False if
   * nobody is left. */
  signalGroup(pgid: number, signal: NodeJS.Signals): boolean;
  /** True while anybody of the group lives. A dead process that its parent has not yet reaped counts as alive. */
  isGroupAlive(pgid: number): boolean;
  /** What each of these groups takes; a group that is gone, or of which the system does not tell, is left out. */
  groupUsages(pgids: readonly number[]): Promise<ReadonlyMap<number, GroupUsage>>;
  /** The processes of the user this program runs as; undefined where the system does not tell of them. */
  ownProcesses(): Promise<readonly RunningProcess[] | undefined>;
  /** When a process started, in the system's own words; empty where it does not say, ENDED of a dead one nobody has yet reaped. */
  startOf(pid: number): string;
}

/** Where the first process of a container reaps nobody, the dead keep their pids. */
export const ENDED = "ended";

/** 0 and 1 would mean our own group and everybody's. */
export function checkedGroup(pgid: number): number {
  if (!Number.isInteger(pgid) || pgid <= 1) throw new RangeError(`${pgid} is no process group`);
  return pgid;
}

/** Sends a signal; true if there was somebody to get it. */
export function signalProcess(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    // EPERM: it lives, and is not ours to signal.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
