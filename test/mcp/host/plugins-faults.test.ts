// What plugin systems before this one got wrong, each as a plugin that tries it.
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gone, isAlive } from "../client/support.js";
import { example, makeProject, stage, writePlugin } from "./plugin-stage.js";

test("each is spawned exactly once, has its console on stderr, needs no resources, and its end is waited for", async () => {
  const project = makeProject();
  const more = `
    console.log("a line of its own");
    process.stdout.write("half a");
    process.stdout.write(" line\\n");
    import { appendFileSync } from "node:fs";
    appendFileSync("./log/starts", process.pid + "\\n");`;
  project.write("plugins/loud/log/starts", "");
  writePlugin(project, "loud", example("one", more), { permissions: { write: ["./log"] } });
  const { settled, say, status, app } = await stage(project);
  await settled();
  expect(await say("loud.say")).toBe("one hello");
  const { pid = 0, state } = (await status("loud")) ?? {};
  expect(state).toBe("ready");
  const starts = readFileSync(join(project.project, "plugins/loud/log/starts"), "utf8").trim().split("\n");
  expect(starts.at(-1)).toBe(`${pid}`);
  expect(starts.length).toBe(new Set(starts).size);
  await app.stop();
  expect(isAlive(pid)).toBe(false);
});

test("exit code 0 is no failure; always means always, but no more often than it may", async () => {
  const project = makeProject();
  const end = `server.registerTool("end", { description: "End" }, () => process.exit(0));`;
  writePlugin(project, "once", example("one", end));
  writePlugin(project, "ever", "process.exit(0);", { restart: "always", max_restarts: 1, start: "background" });
  const { settled, say, until } = await stage(project);
  await settled();
  await say("once.say");
  await expect(say("once.end", {})).rejects.toThrow();
  expect(await until("once", ({ state }) => state === "disconnected")).toMatchObject({ attempts: 0 });
  expect((await until("ever", ({ state }) => state === "parked")).reason).toContain("gave up after 1 restart");
});

test("one that ignores every signal is killed; one that takes more memory than it may is ended with the reason", async () => {
  const project = makeProject();
  const deaf = `for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => {});
    process.exit = () => {}; process.reallyExit = () => {}; setInterval(() => {}, 1000);`;
  writePlugin(project, "deaf", example("one", deaf));
  const grow = `server.registerTool("grow", { description: "Grow" }, () => new Promise(() => {
    globalThis.kept = Buffer.alloc(400 * 1024 * 1024, 1); }));`;
  writePlugin(project, "big", example("one", grow), { max_memory: "300MB" });
  const { settled, say, status, until, noted } = await stage(project);
  await settled();
  await say("deaf.say");
  const { pid = 0 } = (await status("deaf")) ?? {};
  const grown = say("big.grow", {}).catch((error: unknown) => error);
  project.write("plugins/deaf/index.js", example("two"));
  await noted("The plugin deaf is started anew.");
  await gone(pid);
  expect(await say("deaf.say")).toBe("two hello");
  if (process.platform === "linux") {
    expect(await grown).toMatchObject({ code: "server_lost" });
    expect((await until("big", ({ lastEnd }) => lastEnd !== undefined)).lastEnd?.reason).toContain(
      "max_memory is 300 MB",
    );
  }
});

test("a plugin is confined to what its manifest grants, and another's folder is not its own", async () => {
  const project = makeProject();
  project.write("secret.txt", "hidden");
  const look = `
    import { readFileSync } from "node:fs";
    import { spawnSync } from "node:child_process";
    server.registerTool("read", { description: "Read", inputSchema: { file: z.string() } }, ({ file }) => text(readFileSync(file, "utf8")));
    server.registerTool("run", { description: "Run" }, () => text(String(spawnSync("id").stdout)));
    server.registerTool("net", { description: "Net" }, () =>
      fetch("http://127.0.0.1:9/").then(() => text("in"), (error) => text(error.cause?.message ?? error.message)));`;
  writePlugin(project, "curious", example("one", look));
  writePlugin(project, "other");
  const { settled, say } = await stage(project);
  await settled();
  expect(await say("curious.read", { file: "package.json" })).toBe('{"banyan":{}}');
  for (const file of [join(project.project, "secret.txt"), "../other/index.js", "/etc/passwd"])
    expect(await say("curious.read", { file })).toMatch(/restricted|not granted/i);
  expect(await say("curious.run", {})).toMatch(/closed in this sandbox|restricted/);
  expect(await say("curious.net", {})).toMatch(/sandbox|granted|restricted/i);
});

test("the plugins run on when their manager crashes, and it knows them again", async () => {
  const project = makeProject();
  writePlugin(project, "steady");
  const { settled, say, status, manager, until } = await stage(project);
  await settled();
  await say("steady.say");
  const { pid } = (await status("steady")) ?? {};
  const { exit, whereis } = await import("../../../src/supervision/index.js");
  const before = whereis(manager);
  if (before !== undefined) exit(before, "kill");
  await before?.down;
  await until("steady", ({ state }) => state === "ready");
  expect((await status("steady"))?.pid).toBe(pid);
  appendFileSync(join(project.project, "plugins/steady/index.js"), "\n");
  await until("steady", (now) => now.pid !== undefined && now.pid !== pid && now.state === "ready");
  expect(await say("steady.say")).toBe("one hello");
});
