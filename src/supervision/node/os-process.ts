// A process of its own: everything it uses is its own, Buffers and giant allocations included. Its resident set is sampled from
// here against `maxMemoryMb`. It ends with its parent, see `watchdog.ts`.
import { execFile, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { serialize } from "node:v8";
import { IsolationError } from "../isolation.js";
import { inside, type StartHost } from "./host.js";
import type { Wire } from "./wire.js";

const MEGABYTE = 1024 * 1024;
const SAMPLE_MS = 100;
/** Linux counts a process's time in hundredths of a second, whatever the kernel's own tick. */
const TICK_MS = 10;
const onLinux = process.platform === "linux";

export const startProcess: StartHost = (name, { maxHeapMb, maxMemoryMb }, events) => {
  const child = fork(fileURLToPath(inside), [String(process.pid)], {
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // A debugger's port is the parent's own.
    execArgv: [
      ...process.execArgv.filter((arg) => !arg.startsWith("--inspect")),
      ...(maxHeapMb === undefined ? [] : [`--max-old-space-size=${maxHeapMb}`]),
    ],
  });
  let over = false;
  const exited = (why: string, cause?: unknown): void => {
    if (over) return;
    over = true;
    clearInterval(sampler);
    events.exited({ error: new IsolationError("host_exited", `the process of ${name} ${why}`, cause) });
  };
  const check = (bytes: number | undefined): void => {
    if (over || maxMemoryMb === undefined || bytes === undefined || bytes <= maxMemoryMb * MEGABYTE) return;
    const used = Math.round(bytes / MEGABYTE);
    const message = `${name} used ${used} MB of memory; its maxMemoryMb is ${maxMemoryMb}`;
    events.exceeded({ error: new IsolationError("memory_limit", message) });
  };
  const sampler = setInterval(() => {
    if (child.pid === undefined) return;
    if (onLinux) check(readMemory(child.pid));
    else askMemory(child.pid, check);
  }, SAMPLE_MS).unref();
  if (maxMemoryMb === undefined) clearInterval(sampler);
  child.on("message", (batch) => events.received(batch as Wire[])); // only the file inside sends
  child.on("error", (error) => {
    if (child.pid === undefined) exited(`could not be started: ${error.message}`, error);
  });
  child.on("exit", (code, signal) =>
    exited(signal === null ? `ended by itself with exit code ${code}` : `was ended by ${signal}`),
  );
  return {
    post(batch) {
      // A channel that closes meanwhile is followed by the exit; nobody needs to hear of it twice.
      if (child.connected) child.send([...batch], () => {});
    },
    check: (wire) => void serialize(wire),
    kill: () => void child.kill("SIGKILL"),
    figures() {
      const { pid } = child;
      if (!onLinux || pid === undefined) return {};
      const cpu = readCpu(pid);
      const memory = readMemory(pid);
      return { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
    },
  };
};

function readMemory(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(pid, "status"))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function readCpu(pid: number): number | undefined {
  // The second field is the command in brackets, which may hold anything. (man: proc_pid_stat)
  const fields = read(pid, "stat")
    .replace(/^.*\) /s, "")
    .split(" ");
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return Number.isNaN(user + system) ? undefined : (user + system) * TICK_MS;
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // it has just ended
  }
}

function askMemory(pid: number, answer: (bytes: number | undefined) => void): void {
  execFile("ps", ["-o", "rss=", "-p", String(pid)], (error, stdout) => {
    answer(error === null ? Number(stdout) * 1024 : undefined);
  });
}
