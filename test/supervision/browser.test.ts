// The core outside Node: bundled for the browser and run in Debian's chromium, in a page and in a Web Worker.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { expect, it, onTestFinished } from "vitest";
import { groupGone } from "../../src/mcp/client/process-group.js";
import { root } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";

const CHROMIUM = "chromium";
const isHere = spawnSync(CHROMIUM, ["--version"]).status === 0;
if (!isHere) console.warn("chromium is not here: the framework is not tried in a browser");

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const pages: Record<string, string> = {
  page: `<!doctype html><script type="module" src="/program.js"></script>`,
  worker: `<!doctype html><script>
    new Worker("/program.js", { type: "module" }).onerror = ({ message }) =>
      fetch("/seen", { method: "POST", body: JSON.stringify({ failed: message ?? "the worker did not load" }) });
  </script>`,
};

/** The program as one module, with nothing left to import. */
async function bundled(): Promise<string> {
  const bundle = await rolldown({
    input: join(root, "test", "supervision", "browser", "program.ts"),
    platform: "browser",
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
  await bundle.close();
  expect(output.map(({ type }) => type)).toEqual(["chunk"]);
  const [{ code, imports }] = output;
  expect(imports).toEqual([]);
  return code;
}

/** Opens a page of a server of its own and answers with what the program in it posts back. */
async function seenIn(page: string): Promise<unknown> {
  const program = await bundled();
  let told: (body: string) => void = () => {};
  const seen = new Promise<string>((resolve) => {
    told = resolve;
  });
  const server = createServer(async (request, response) => {
    const html = pages[request.url?.slice(1) ?? ""];
    if (request.method === "POST") {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      response.end();
      told(Buffer.concat(parts).toString());
    } else if (html !== undefined) response.setHeader("content-type", "text/html").end(html);
    else if (request.url === "/program.js") response.setHeader("content-type", "text/javascript").end(program);
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  // The folder was made first, so it is removed last: cleaning up runs in reverse.
  const profile = temporaryHome();
  const browser = spawn(CHROMIUM, [...FLAGS, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/${page}`], {
    stdio: "ignore",
    detached: true, // so that it leads a group
  });
  const ended = once(browser, "exit");
  onTestFinished(async () => {
    // Its helpers outlive it for a moment, and write into the folder meanwhile.
    if (browser.pid !== undefined) process.kill(-browser.pid, "SIGKILL");
    await ended;
    if (browser.pid !== undefined) await groupGone(browser.pid, 5_000);
    server.closeAllConnections();
    server.close();
  });
  const early = ended.then(([code]) => {
    throw new Error(`chromium ended with ${code} before the program did`);
  });
  return JSON.parse(await Promise.race([seen, early]));
}

it.skipIf(!isHere).each(["page", "worker"])(
  "supervises in a browser's %s as it does in Node",
  async (where) => {
    expect(await seenIn(where)).toEqual({
      where,
      node: false,
      called: 42,
      awaited: 42,
      ticks: 1,
      flooded: true,
      error: ["exited", true],
      crashes: ["counter"],
      afterRestart: 41,
      restarted: true,
      isolated: "isolation_unavailable",
      simulated: 60_000,
      gone: true,
    });
  },
  60_000,
);
