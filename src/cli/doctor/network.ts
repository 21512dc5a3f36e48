// Ports and sockets: whether the port of `banyan serve` is free, which apps run, and what those that are gone have left.
import { connect, createServer } from "node:net";
import { z } from "zod";
import { appSockets, askRunningApp, isDead } from "../../actors/control/client.js";
import type { Paths } from "../../actors/paths.js";
import { messageOf } from "../../supervision/index.js";
import { type Finding, reporter } from "./finding.js";

const HOST = "127.0.0.1";
const ANSWER_MS = 1_000;

/** `port`: of banyan serve. */
export async function checkNetwork(paths: Paths, port: number): Promise<Finding[]> {
  return [await checkPort(port), ...(await checkSockets(paths.socket))];
}

async function checkPort(port: number): Promise<Finding> {
  const { ok, warn } = reporter("network");
  if (port === 0) return ok("banyan serve takes any port that is free (server.port).");
  const taken = await listeningFails(port);
  if (taken === undefined) return ok(`Port ${port} of ${HOST} is free for banyan serve.`);
  if (taken === "EADDRINUSE" && (await isOurs(port))) return ok(`A Banyan answers at port ${port} of ${HOST}.`);
  const why = taken === "EADDRINUSE" ? "is another program's" : `cannot be had (${taken})`;
  return warn(`Port ${port} of ${HOST} ${why}.`, `Give banyan serve another: banyan serve --http ${HOST}:PORT.`);
}

function listeningFails(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve("code" in error ? String(error.code) : messageOf(error)));
    server.listen(port, HOST, () => server.close(() => resolve(undefined)));
  });
}

const live = z.strictObject({ live: z.boolean() });

async function isOurs(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://${HOST}:${port}/health/live`, {
      signal: AbortSignal.timeout(ANSWER_MS),
      redirect: "error",
    });
    return live.safeParse(await response.json()).success;
  } catch {
    return false;
  }
}

async function checkSockets(control: string): Promise<Finding[]> {
  const { ok } = reporter("network");
  const found = await Promise.all(appSockets(control).map(({ pid, socket }) => checkApp(control, pid, socket)));
  return found.length > 0 ? found : [ok("No Banyan is running now.")];
}

async function checkApp(control: string, pid: number, socket: string): Promise<Finding> {
  const { ok, warn, fail } = reporter("network");
  const refused = await connectionFails(socket);
  if (isDead(refused))
    return warn(`The app with the pid ${pid} is gone, and left ${socket}.`, `Remove it: rm ${socket}.`);
  if (refused !== undefined)
    return fail(`${socket} cannot be opened (${refused}).`, `Remove it if no Banyan runs: rm ${socket}.`);
  try {
    await askRunningApp(control, { method: "status" }, pid);
    return ok(`The app with the pid ${pid} answers.`);
  } catch (error) {
    return fail(
      `The app with the pid ${pid} does not answer (${messageOf(error)}).`,
      `End it (kill ${pid}) and go on with banyan --resume.`,
    );
  }
}

function connectionFails(socket: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const connection = connect(socket, () => {
      connection.destroy();
      resolve(undefined);
    });
    connection.once("error", (error) => resolve("code" in error ? String(error.code) : messageOf(error)));
  });
}
