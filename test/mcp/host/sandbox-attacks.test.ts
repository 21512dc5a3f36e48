// Every attack sample is loaded and called as a dynamic tool with the scan left out, in as few processes as its deaths allow:
// what gets past the scan has to be stopped here. Each has a canary to read, a file to write, a port to reach and a process to
// hit, and what it leaves behind in the host is looked for.
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer as createTcp } from "node:net";
import { join } from "node:path";
import { transform } from "rolldown/utils";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ToolChild, toolChild } from "../../support/tool-child.js";
import { makeWorkspace } from "../../support/workspace.js";

const SAMPLES = new URL("attacks/", import.meta.url);
const CANARY = "the canary sings at dawn";
const SECRET = "hush, not a word";
/** An answer to a call of a control tool takes milliseconds; a process that gives none is stuck. */
const STUCK_MS = 5_000;

const work = makeWorkspace();
const victim = spawn("sleep", ["600"]);
let connections = 0;
const tcp = createTcp((socket) => {
  connections++;
  socket.destroy();
});
const udp = createSocket("udp4").on("message", () => {
  connections++;
});
let port = 0;

beforeAll(async () => {
  process.env.BANYAN_CANARY_SECRET = SECRET;
  tcp.listen(0, "127.0.0.1");
  await once(tcp, "listening");
  port = (tcp.address() as AddressInfo).port; // it listens on TCP
  udp.bind(port, "127.0.0.1");
  await once(udp, "listening");
});
afterAll(() => {
  delete process.env.BANYAN_CANARY_SECRET;
  tcp.close();
  udp.close();
  victim.kill("SIGKILL");
  work.remove();
});

/** Remembers what all tools share, and tells what of it is different later. */
const watcher = `
import { EventEmitter } from "node:events";
import { Readable, Writable } from "node:stream";
const shared = { globalThis, Object, Array, String, Number, Function, Promise, RegExp, Map, Set, Error, JSON, Math, Reflect,
  EventEmitter, Readable, Writable, Buffer, URL, process, console };
const look = () => {
  const seen = new Map();
  for (const [name, value] of Object.entries(shared)) for (const [as, holder] of [[name, value], [name + ".prototype", value.prototype]]) {
    if (holder === undefined || holder === null) continue;
    for (const key of Reflect.ownKeys(holder)) {
      const { get, set, value: own } = Object.getOwnPropertyDescriptor(holder, key);
      // Counters and the listeners of this process come and go.
      if (typeof key === "symbol" || key.startsWith("_") || (get === undefined && typeof own !== "function" && typeof own !== "object")) continue;
      seen.set(as + "." + String(key), get === undefined ? own : get);
    }
  }
  return seen;
};
const before = look();
export default { name: "watcher", description: "Tells what has changed for everybody", input: { type: "object" }, handler: () => {
  const now = look();
  const changed = [...before].filter(([key, value]) => now.get(key) !== value).map(([key]) => key);
  const added = [...now.keys()].filter((key) => !before.has(key));
  for (const key in {}) added.push("Object.prototype." + key);
  return JSON.stringify([...changed, ...added]);
} };`;

async function start(): Promise<ToolChild> {
  const child = await toolChild({ folder: work.root, callTimeoutMs: 400 });
  const loaded = await child.load("watcher", watcher);
  expect(loaded.isError ? loaded.text : "").toBe("");
  return child;
}

it("no attack sample reaches anything, even where the scan would let it through", async () => {
  const canary = join(work.root, "canary.txt");
  writeFileSync(canary, CANARY);
  const escaped: string[] = [];
  const figures = { refused: 0, withoutEffect: 0, ended: 0 };
  let child = await start();
  const renew = async () => {
    child.kill();
    await child.closed;
    child = await start();
  };

  const files = readdirSync(SAMPLES).sort();
  for (const file of files) {
    const name = file.replace(/\.[a-z]+$/, "").replaceAll("-", "_");
    const mark = join(work.root, `mark-${name}`);
    const before = connections;
    const source = await javascript(file);
    const secrets: string[] = [];
    const attack = async () => {
      const loaded = await child.load(name, source);
      if (loaded.isError) return loaded;
      return child.call(name, { canary, mark, port, pid: victim.pid });
    };
    // A rejection is the end of the process, or a result that is no result.
    const answer = await inTime(attack().catch((error: unknown) => ({ isError: true, text: String(error) })));
    const after = await inTime(child.call("watcher").catch(() => undefined));
    const { text, isError } = answer ?? { text: "", isError: true };
    if (text.includes(CANARY)) secrets.push("read the canary");
    if (text.includes(SECRET)) secrets.push("read the environment");
    if (/^(owned|ran|replaced)/.test(text) && !isError) secrets.push(`says "${text.slice(0, 40)}"`);
    if (existsSync(mark)) secrets.push("wrote a file");
    if (connections > before) secrets.push("made a connection");
    if (victim.exitCode !== null || victim.signalCode !== null) secrets.push("hit the victim");
    if (child.unasked.length > 0) secrets.push(`spoke in the host's name: ${JSON.stringify(child.unasked[0])}`);
    if (after !== undefined && after.text !== "[]") secrets.push(`changed for all: ${after.text}`);
    if (secrets.length > 0) escaped.push(`${file}: ${secrets.join(", ")}`);
    if (answer === undefined || after === undefined) figures.ended++;
    else if (isError) figures.refused++;
    else figures.withoutEffect++;
    if (after === undefined || secrets.length > 0) await renew();
  }
  child.kill();
  await child.closed;
  const { refused, withoutEffect, ended } = figures;
  console.log(
    `${files.length} attacks without the scan: ${refused} refused, ${withoutEffect} without effect, ${ended} ended the process, ${escaped.length} escaped`,
  );
  expect(escaped).toEqual([]);
  // The last word: nothing was on its way either.
  expect(connections).toBe(0);
  expect(readdirSync(work.root).filter((entry) => entry.startsWith("mark-"))).toEqual([]);
});

const NEIGHBOURS = new URL("neighbours/", import.meta.url);
const HUSH = "what one says to another";
const neighbour = `import { z } from "zod";
import { inspect } from "node:util";
export default { name: "NAME", description: "Works with much that all share", input: z.object({ text: z.string() }), handler: async ({ text }) => {
  const bytes = Buffer.from(text);
  console.log(text);
  if (text.endsWith("!")) { setTimeout(() => { throw new Error(text); }, 0); await new Promise(() => {}); }
  const { error } = z.object({ a: z.string() }).safeParse({ a: 1 });
  const digest = await crypto.subtle.digest("SHA-1", bytes);
  return JSON.stringify([bytes.toString("hex"), error.issues, z.toJSONSchema(z.string().describe("d")), inspect({ a: { b: "c" } }),
    [...new URLSearchParams("a=1")], Buffer.from(digest).toString("hex"), new AbortController().signal.aborted]);
} };`;

it("no tool hears or changes another one that shares its process", async () => {
  const child = await toolChild({ folder: work.root, callTimeoutMs: 2_000 });
  await child.load("before", neighbour.replace("NAME", "before"));
  const ask = async (name: string) => Promise.all([HUSH, 5, `${HUSH}!`].map((text) => child.call(name, { text })));
  const untouched = (await ask("before")).map(({ text }) => text);
  expect(untouched[2]).toContain(`failed: Error: ${HUSH}!`);
  const found: string[] = [];
  for (const file of readdirSync(NEIGHBOURS).sort()) {
    const name = file.replace(".js", "").replaceAll("-", "_");
    const loaded = await child.load(name, readFileSync(new URL(file, NEIGHBOURS), "utf8"));
    const first = loaded.isError ? loaded : await child.call(name);
    await child.load("later", neighbour.replace("NAME", "later"));
    const others = [...(await ask("before")), ...(await ask("later"))].map(({ text }) =>
      text.replaceAll("later", "before"),
    );
    const again = loaded.isError ? loaded : await child.call(name);
    for (const { text, isError } of [first, again]) {
      if (text.includes(HUSH)) found.push(`${file} heard another`);
      if (!isError && /^(owned|replaced)/.test(text)) found.push(`${file} says "${text.slice(0, 80)}"`);
    }
    if (others.join() !== [...untouched, ...untouched].join()) found.push(`${file} changed another: ${others.join()}`);
  }
  expect(found).toEqual([]);
  child.kill();
  await child.closed;
});

async function javascript(file: string): Promise<string> {
  const source = readFileSync(new URL(file, SAMPLES), "utf8");
  if (!file.endsWith(".ts")) return source;
  return (await transform(file, source)).code;
}

/** Undefined for a process that is stuck. */
async function inTime<T>(answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, STUCK_MS, undefined);
  });
  const first = await Promise.race([answer, late]);
  clearTimeout(timer);
  return first;
}
