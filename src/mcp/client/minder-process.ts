// The minder's own process: outside the tree, and outliving the primary by half a second. It holds one end of a pipe and knows
// the process groups the primary has started. When the pipe closes, and the system closes it even after `kill -9`, it ends the
// groups that are left and then itself.
//
// It is a few lines of shell, for it must cost nothing (about 1 MB, 2 ms) and have nothing that can fail: it reads `+PGID` and
// `-PGID` lines, and `.` makes it leave without ending anybody. Detached, it is in a session of its own, so the terminal's
// Ctrl-C does not reach it, and it ignores the signals that would end it early. Where there is no /bin/sh a Node script does the same.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Writable } from "node:stream";
import { platform } from "../../actors/platform/index.js";

const GRACE_MS = 500;

const shellScript = `
trap '' INT TERM HUP
groups=
while read -r line; do
  case $line in
    +*) groups="$groups \${line#+}" ;;
    -*)
      kept=
      for group in $groups; do [ "$group" = "\${line#-}" ] || kept="$kept $group"; done
      groups=$kept ;;
    .) exit 0 ;;
  esac
done
[ -n "$groups" ] || exit 0
for group in $groups; do kill -s TERM -- "-$group" 2>/dev/null; done
sleep ${GRACE_MS / 1000} 2>/dev/null || sleep 1
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
exit 0
`;

// A group on Windows is a process and its descendants, and has no gentle end.
export const nodeScript = `
const { spawnSync } = require("node:child_process");
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
const groups = new Set();
const end = (signal) => {
  for (const group of groups) {
    if (process.platform === "win32") spawnSync("taskkill", ["/PID", group, "/T", "/F"], { windowsHide: true });
    else try { process.kill(-Number(group), signal); } catch {}
  }
};
require("node:readline").createInterface({ input: process.stdin })
  .on("line", (line) => {
    if (line[0] === "+") groups.add(line.slice(1));
    else if (line[0] === "-") groups.delete(line.slice(1));
    else if (line === ".") process.exit(0);
  })
  .on("close", () => {
    if (groups.size === 0) process.exit(0);
    end("SIGTERM");
    setTimeout(() => { end("SIGKILL"); process.exit(0); }, ${GRACE_MS});
  });
`;

export interface MinderProcess {
  readonly pid: number;
  /** Settles when the minder has ended. */
  readonly ended: Promise<void>;
  watch(pgid: number): void;
  unwatch(pgid: number): void;
  /** Lets the minder end every group it still knows, and then itself. */
  close(): void;
  /** Ends the minder and nobody else. */
  dismiss(): void;
}

export type MinderKind = "shell" | "node";

/** Starts a minder; the calling program must not wait for it to end. Rejects if the system cannot start it. */
export async function startMinder(
  kind: MinderKind = platform.hasShell && existsSync("/bin/sh") ? "shell" : "node",
): Promise<MinderProcess> {
  const [command, args] = kind === "shell" ? ["/bin/sh", ["-c", shellScript]] : [process.execPath, ["-e", nodeScript]];
  const child: ChildProcessByStdio<Writable, null, null> = spawn(command, args, {
    stdio: ["pipe", "ignore", "ignore"],
    // A folder that cannot be unmounted because the minder stands in it would be a nuisance.
    cwd: "/",
    env: process.env.PATH === undefined ? {} : { PATH: process.env.PATH },
    detached: true,
    windowsHide: true,
  });
  const { pid, stdin } = child;
  if (pid === undefined) throw await new Promise((resolve) => child.once("error", resolve));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  // Neither the child nor its pipe keeps the primary running: that the pipe then closes is the point.
  child.unref();
  if ("unref" in stdin && typeof stdin.unref === "function") stdin.unref();
  // A minder that died is noticed by its exit.
  stdin.on("error", () => {});
  const write = (line: string): void => {
    if (stdin.writable) stdin.write(`${line}\n`);
  };
  return {
    pid,
    ended,
    watch: (pgid) => write(`+${pgid}`),
    unwatch: (pgid) => write(`-${pgid}`),
    close: () => void stdin.end(),
    dismiss() {
      write(".");
      stdin.end();
    },
  };
}
