import { describe, expect, test } from "vitest";
import { approvePlugins } from "../../../src/actors/config/approval.js";
import { eventually } from "../client/support.js";
import { example, makeProject, stage, writePlugin } from "./plugin-stage.js";

describe("plugins of a project", () => {
  test("are started when something of them is needed, under their names, and sleep until then", async () => {
    const project = makeProject();
    writePlugin(project, "first");
    writePlugin(project, "second");
    const { settled, say, toolNames, status } = await stage(project);
    await settled();
    expect(await toolNames()).toEqual(["first.say", "first.wait", "second.say", "second.wait"]);
    expect(await say("second.say")).toBe("one hello");
    expect((await status("second"))?.state).toBe("ready");
  });

  test("come, change and go while the app runs: each is one change of the lists, and no other plugin is touched", async () => {
    const project = makeProject();
    writePlugin(project, "stays");
    const running = await stage(project);
    await running.settled();
    await running.say("stays.say");
    const { pid } = (await running.status("stays")) ?? {};

    writePlugin(project, "new");
    await running.noted("The plugin new was added.");
    await eventually("its tools are known", async () => (await running.toolNames()).includes("new.say"));
    expect(await running.say("new.say")).toBe("one hello");

    const before = await eventually("that is told", async () => {
      const changes = await running.changes();
      return JSON.stringify(changes).includes("new.say") && changes.length;
    });
    const tool = `server.registerTool("more", { description: "Another one" }, () => text("more"));`;
    project.write("plugins/new/index.js", example("two", tool));
    await eventually("the new tool is known", async () => (await running.toolNames()).includes("new.more"));
    expect(await running.say("new.say")).toBe("two hello");
    await eventually("that is told", async () => (await running.changes()).length > before);
    expect((await running.changes()).slice(before)).toEqual([
      { tools: { added: ["new.more"], removed: [], changed: ["new.say", "new.wait"] } }, // their code is another
    ]);

    project.remove("plugins/new");
    await running.noted("The plugin new was removed.");
    await eventually("it is gone", async () => (await running.toolNames()).join() === "stays.say,stays.wait");
    expect((await running.status("stays"))?.pid).toBe(pid);
  });

  test("a folder for plugins is noticed when it is made", async () => {
    const project = makeProject();
    const { noted, say } = await stage(project);
    writePlugin(project, "late");
    await noted("The plugin late was added.");
    expect(await say("late.say")).toBe("one hello");
  });

  test("a changed one is started anew once its calls are over; calls that come meanwhile wait for the new one", async () => {
    const project = makeProject();
    writePlugin(project, "busy");
    const { settled, say, until, noted, status } = await stage(project);
    await settled();
    const old = say("busy.wait", { ms: 1_500 });
    await until("busy", ({ state }) => state === "ready");
    const { pid } = (await status("busy")) ?? {};
    project.write("plugins/busy/index.js", example("two"));
    await noted("The plugin busy is started anew.");
    const during = await Promise.all(Array.from({ length: 20 }, () => say("busy.say")));
    expect(new Set(during)).toEqual(new Set(["two hello"]));
    expect(await old).toBe("one waited");
    expect((await status("busy"))?.pid).not.toBe(pid);
  });

  test("a call that does not end in the time for it is given up for the new one", async () => {
    const project = makeProject();
    writePlugin(project, "slow");
    const { settled, say, until, noted } = await stage(project, '[plugins]\ndrain = "50ms"\n');
    await settled();
    const old = say("slow.wait", { ms: 60_000 }).catch((error: unknown) => error);
    await until("slow", ({ state }) => state === "ready");
    project.write("plugins/slow/index.js", example("two"));
    await noted("The plugin slow is started anew.");
    expect(await say("slow.say")).toBe("two hello");
    expect(await old).toMatchObject({ code: "server_lost" });
  });

  test("one that was only touched runs on", async () => {
    const project = makeProject();
    writePlugin(project, "same");
    const { say, settled, status, noted, notes } = await stage(project);
    await settled();
    await say("same.say");
    const { pid } = (await status("same")) ?? {};
    project.write("plugins/same/index.js", example());
    writePlugin(project, "other"); // what comes after it is noticed
    await noted("The plugin other was added.");
    expect((await status("same"))?.pid).toBe(pid);
    expect((await notes()).join()).not.toContain("same");
  });

  test("a change that does not compile leaves the old one running, and is told; mended, it is taken", async () => {
    const project = makeProject();
    writePlugin(project, "broken");
    const { say, settled, noted, plugins } = await stage(project);
    await settled();
    await say("broken.say");
    project.write("plugins/broken/index.js", "const = 1;");
    await noted("The plugin broken does not compile");
    expect(await say("broken.say")).toBe("one hello");
    expect(await plugins.call.status()).toMatchObject([{ name: "broken", reason: expect.stringContaining("compile") }]);
    project.write("plugins/broken/index.js", example("two"));
    await noted("The plugin broken is started anew.");
    expect(await say("broken.say")).toBe("two hello");
  });

  test("TypeScript runs without a build step, with files beside it; an error has its place in the source", async () => {
    const project = makeProject();
    project.write("plugins/typed/package.json", { banyan: { entry: "src/main.ts" } });
    project.write("plugins/typed/src/words.ts", "export const words = (name: string): string => `typed ${name}`;");
    const source = example(
      "typed",
      'server.registerTool("where", { description: "Where it is" }, () => text(words(import.meta.url)));',
    );
    project.write(
      "plugins/typed/src/main.ts",
      `import { words } from "./words.js";\n${source.replace("(words)", "(words: string): any")}`,
    );
    const { say, settled, noted, until } = await stage(project);
    await settled();
    expect(await say("typed.where", {})).toMatch(/^typed file:.*\/plugins\/typed\/src\/main\.ts$/);
    project.write("plugins/typed/src/words.ts", "export const words = (name: string): string => {");
    expect(await noted("does not compile")).toMatch(/words\.ts/);
    expect(await say("typed.say")).toBe("typed hello");
    project.write(
      "plugins/typed/src/words.ts",
      "const no: string = (undefined as any).x;\nexport const words = () => no;",
    );
    const { reason } = await until("typed", ({ lastEnd }) => lastEnd !== undefined);
    expect(reason).toContain("reading 'x'");
  });

  test("what one keeps is handed over to its next process, and nothing else is", async () => {
    const project = makeProject();
    const more = `
      globalThis.count ??= 0;
      let old = "nothing";
      export const saveState = () => ({ count: globalThis.count });
      export const onReload = (state) => { old = state.count; };
      server.registerTool("count", { description: "Count" }, () => text(\`\${++globalThis.count} after \${old}\`));`;
    // A lazy one would sleep once its tools are known, or not, should a call come first: a process more, or one less.
    const source = example("one", more).replace("await server.connect", "server.connect");
    writePlugin(project, "keeper", source, { start: "background" });
    const { say, settled, noted } = await stage(project);
    await settled();
    await say("keeper.count", {});
    expect(await say("keeper.count", {})).toBe("2 after nothing");
    project.write("plugins/keeper/index.js", example("two", more).replace("await server.connect", "server.connect"));
    await noted("The plugin keeper is started anew.");
    expect(await say("keeper.count", {})).toBe("1 after 2");
  });
});

describe("the user's approval", () => {
  test("is asked for once: until then no plugin of the project runs, afterwards also new ones do", async () => {
    const project = makeProject();
    writePlugin(project, "stranger");
    const { noted, plugins, approvals, say, settled, status } = await stage(project, "", { approved: false });
    expect(await noted("stranger")).toMatch(/not started.*run banyan config approve/);
    await settled();
    expect(await status("stranger")).toBeUndefined();
    expect(await plugins.call.status()).toMatchObject([{ name: "stranger", state: "not approved" }]);
    await approvePlugins(project.project, approvals);
    await noted("The plugin stranger was added.");
    expect(await say("stranger.say")).toBe("one hello");
    writePlugin(project, "second");
    await noted("The plugin second was added.");
  });

  test("of one plugin is of that one alone; a folder of the user's own needs none", async () => {
    const project = makeProject();
    writePlugin(project, "one");
    writePlugin(project, "two");
    project.write("../own/mine/plugin.json", {});
    project.write("../own/mine/index.js", example());
    const toml = `[plugins]\nfolders = ["plugins", ${JSON.stringify(`${project.home}/own`)}]\n`;
    const { plugins, approvals, noted, say } = await stage(project, toml, { approved: false });
    expect(await say("mine.say")).toBe("one hello");
    await approvePlugins(project.project, approvals, `${project.project}/plugins/one`);
    await noted("The plugin one was added.");
    expect(await plugins.call.status()).toMatchObject([
      { name: "mine", state: "on" },
      { name: "one", state: "on" },
      { name: "two", state: "not approved" },
    ]);
  });
});
