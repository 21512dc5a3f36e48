// Servers at an address, for the tests of this folder: the real server-everything over HTTP as a process of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { everything } from "./support.js";

const tellPort = fileURLToPath(new URL("../../support/tell-port.mjs", import.meta.url));

export interface RemoteServer {
  readonly port: number;
  readonly url: string;
  readonly process: ChildProcess;
  /** Kills it with SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts it on a free port, or on the one given, and waits until it listens. */
export async function startEverything(kind: "streamableHttp" | "sse", port = 0): Promise<RemoteServer> {
  const [main = ""] = everything;
  const child = spawn(process.execPath, ["--import", tellPort, main, kind], {
    env: { ...process.env, PORT: `${port}` },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /^listening on (\d+)$/.exec(line)?.[1];
    if (found === undefined) continue;
    child.stdout.resume();
    return {
      port: Number(found),
      url: `http://127.0.0.1:${found}/${kind === "sse" ? "sse" : "mcp"}`,
      process: child,
      kill: () => {
        child.kill("SIGKILL");
        return exited;
      },
    };
  }
  throw new Error("it ended before it listened");
}
