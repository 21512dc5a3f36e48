// A conversation of 100,000 messages: opened, looked back in page by page, searched, forked, exported, removed; in a process that does
// nothing else, with what that process took and the longest it held its event loop.
//   node bench/sessions.mjs [--json] [--messages=100000]
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { Audit } from "../dist/actors/audit/audit.js";
import { exported } from "../dist/actors/session/export.js";
import { forkSession } from "../dist/actors/session/fork.js";
import { removeSession } from "../dist/actors/session/remove.js";
import { searchMessages } from "../dist/actors/session/search.js";
import { Session } from "../dist/actors/session/session.js";
import { statsOf } from "../dist/actors/session/stats.js";
import { findSession } from "../dist/actors/session/stored-sessions.js";
import { Store } from "../dist/actors/store/store.js";
import { Application, child, DynamicSupervisor, named } from "../dist/supervision/index.js";
import { writeLongSession } from "./long-session.mjs";

const MESSAGES = Number(process.argv.find((word) => word.startsWith("--messages="))?.slice(11) ?? 100_000);
const LIMITS = { openMs: 300, rssMb: 150 };
const store = named("Store");
const messages = named("MessageStores");
const session = named("Session");

async function timed(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  const result = await work();
  const ms = performance.now() - started;
  await new Promise((resolve) => setTimeout(resolve, 5));
  delay.disable();
  return {
    ms: round(ms),
    longestMs: round(delay.max / 1e6),
    rssMb: round(process.memoryUsage.rss() / 1048576),
    result,
  };
}

function round(value) {
  return Math.round(value * 10) / 10;
}

async function measure(file) {
  const figures = {};
  const note = async (name, work) => {
    const { result, ...figure } = await timed(work);
    figures[name] = figure;
    return result;
  };
  const rssBefore = round(process.memoryUsage.rss() / 1048576);
  const app = await note("open", async () => {
    const options = { store, messages, run: "bench", project: "/p", model: "m", kind: "chat", resume: true };
    const window = { messages: 2_000, size: 8 * 1024 * 1024 };
    const started = await Application.start({
      strategy: "one_for_one",
      children: [
        child(Store, { file }, { name: store }),
        child(DynamicSupervisor, undefined, { name: messages }),
        child(Session, { ...options, window }, { name: session }),
      ],
    });
    const { from, messages: shown } = await session.call.view();
    if (from + shown.length !== MESSAGES) throw new Error("a message is missing");
    return started;
  });
  await note("look back through all of it", async () => {
    let seen = 0;
    for (let before = MESSAGES; before > 0; ) {
      const page = await session.call.page(before, 100);
      seen += page.messages.length;
      before = page.from;
      await new Promise(setImmediate); // as between two keys of a user
    }
    if (seen !== MESSAGES) throw new Error("a message was not seen");
  });
  const search = (query) => () => searchMessages(store, { query, project: "/p", limit: 20 });
  await note("search a rare word", search("number4711"));
  await note("search common words", search("disk logs full"));
  await note("search the beginning of a word", search("nu"));
  await note("search a phrase", search('"number500 "'));
  const { id } = await session.call.view();
  const whole = await findSession(store, id);
  await note("count", () => statsOf(store, whole));
  await note("export as Markdown", async () => {
    let size = 0;
    for await (const part of exported(store, whole, "markdown")) size += part.length;
    if (size < MESSAGES * 100) throw new Error("the export is too small");
  });
  const fork = await note("fork", () =>
    forkSession(store, whole, { id: randomUUID(), messages: undefined, name: "f" }),
  );
  if (fork.messages !== MESSAGES) throw new Error("the fork is not whole");
  const audit = await Audit.start({ store, project: "/p", run: "bench" });
  await note("remove", async () => removeSession(store, audit, await findSession(store, "f")));
  await app.stop();
  return { rssBefore, figures };
}

const inside = process.argv.indexOf("--measure");
if (inside > 0) console.log(JSON.stringify(await measure(process.argv[inside + 1])));
else {
  const folder = mkdtempSync(join(tmpdir(), "banyan-bench-"));
  const file = join(folder, "banyan.db");
  await writeLongSession(file, { messages: MESSAGES, project: "/p" });
  const args = [fileURLToPath(import.meta.url), "--measure", file, `--messages=${MESSAGES}`];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: dirname(file) });
  rmSync(folder, { recursive: true, force: true });
  if (status !== 0) throw new Error(stderr);
  const { rssBefore, figures } = JSON.parse(stdout);
  if (process.argv.includes("--json")) {
    console.log(
      JSON.stringify({ node: process.version, messages: MESSAGES, limits: LIMITS, rssBefore, figures }, null, 2),
    );
  } else {
    console.log(
      `Node ${process.version}, ${MESSAGES} messages; limits: open ${LIMITS.openMs} ms, ${LIMITS.rssMb} MB (${rssBefore} MB before)`,
    );
    console.table(
      Object.fromEntries(
        Object.entries(figures).map(([name, { ms, longestMs, rssMb }]) => [
          name,
          { ms, "longest block ms": longestMs, "RSS MB": rssMb },
        ]),
      ),
    );
  }
}
