import { afterEach, describe, expect, it } from "vitest";
import { temporaryHome } from "../../support/home.js";
import { moduleOf, type RunningHost, startToolHost, writeTool } from "../../support/tool-host.js";

const sleeps = (what: string): string => `await new Promise((go) => setTimeout(go, ms)); return ${what};`;

let host: RunningHost;
afterEach(() => host.stop());

describe("a dynamic tool", () => {
  it("is made, called, changed while 100 calls run, broken in vain and deleted; each change is told once", async () => {
    host = await startToolHost(temporaryHome());
    expect(await host.make("slow", sleeps('"old"'))).toMatchObject({ isError: false });
    expect(await host.call("slow")).toMatchObject({ text: "old" });
    const running = Array.from({ length: 100 }, () => host.call("slow", { ms: 400 }));
    expect(await host.make("slow", sleeps('"new"'))).toMatchObject({ isError: false });
    expect(await host.call("slow")).toMatchObject({ text: "new" });
    expect(new Set((await Promise.all(running)).map(({ text }) => text))).toEqual(new Set(["old"]));
    const broken = await host.call("update_tool", { name: "slow", code: "export default {" });
    expect(broken).toMatchObject({ isError: true, text: expect.stringContaining("slow.js:1") });
    const failing = moduleOf("slow", 'return "x";', 'tests: [{ args: {}, expect: "y" }],');
    expect(await host.call("update_tool", { name: "slow", code: failing })).toMatchObject({ isError: true });
    expect(await host.call("slow")).toMatchObject({ text: "new" });
    expect(await host.call("delete_tool", { name: "slow" })).toMatchObject({ isError: false });
    await expect(host.call("slow")).rejects.toThrow('No tool is named "slow"');
    expect(await host.toolNames()).not.toContain("slow");
    await expect.poll(host.changes).toBe(3);
  });

  it("is loaded, replaced and taken away when its file is; a broken file keeps the old tool and tells why", async () => {
    const home = temporaryHome();
    writeTool(home, "greet", moduleOf("greet", 'return "hello";'));
    host = await startToolHost(home);
    expect(await host.call("greet")).toMatchObject({ text: "hello" });
    writeTool(home, "greet", moduleOf("greet", 'return "good day";'));
    await expect.poll(async () => (await host.call("greet")).text).toBe("good day");
    writeTool(home, "greet", 'throw new Error("not today");');
    await expect.poll(async () => (await host.told()).join()).toContain("the old one stays: greet failed while");
    expect(await host.call("greet")).toMatchObject({ text: "good day" });
    expect((await host.status()).sets.find(({ set }) => set === "dynamic")).toMatchObject({ failures: 0, lost: 0 });
  });
});

describe("a tool that misbehaves", () => {
  it("hangs: what waits goes on in the spare, its call ends in its time, and a second one fares the same", async () => {
    host = await startToolHost(temporaryHome(), { callTimeoutMs: 6_000 });
    await host.make("hang", "for (;;) {}");
    await host.make("echo", "return text;");
    for (const turn of ["first", "second"]) {
      await host.ready("dynamic", 2);
      const hung = host.call("hang");
      const waiting = Array.from({ length: 20 }, (_, at) => host.call("echo", { text: `${turn} ${at}` }));
      const answers = await Promise.all(waiting);
      expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 20 }, (_, at) => `${turn} ${at}`));
      expect(await hung).toMatchObject({ isError: true, code: "tool_timeout" });
    }
    await host.ready("dynamic", 2);
    expect((await host.told()).join("\n")).toContain("hangs during hang; what waits for it goes on");
  });

  it("hangs in its schema: it alone fails, and what waits goes on in the spare", async () => {
    host = await startToolHost(temporaryHome(), { callTimeoutMs: 6_000 });
    const input = "z.object({ text: z.string().refine(() => { for (;;); }) })";
    const code = `import { z } from "zod";\nexport default { name: "hang", description: "Hangs as it is asked", input: ${input}, handler: () => "" };`;
    await host.call("create_tool", { name: "hang", code });
    await host.make("echo", "return text;");
    await host.ready("dynamic", 2);
    const hung = host.call("hang", { text: "x" });
    const answers = await Promise.all(Array.from({ length: 20 }, () => host.call("echo", { text: "here" })));
    expect(answers.every(({ text }) => text === "here")).toBe(true);
    expect(await hung).toMatchObject({ isError: true, code: "tool_timeout" });
  });

  it("hangs twice before there is a spare, and no call is lost", async () => {
    host = await startToolHost(temporaryHome(), { spare: false });
    await host.make("hang", "for (;;) {}");
    await host.make("echo", "return text;");
    const hung = [host.call("hang"), host.call("hang")];
    const answers = await Promise.all(Array.from({ length: 20 }, () => host.call("echo", { text: "here" })));
    expect(answers.every(({ text }) => text === "here")).toBe(true);
    await host.client.close();
    await Promise.allSettled(hung);
  });

  it.each([
    ["ends its process", "process.exit(0);", "tool_host_lost"],
    ["fills the heap", "const all = []; for (;;) all.push(new Array(1e5).fill(text + all.length));", "tool_host_lost"],
    [
      "fills memory beside the heap",
      "const all = []; for (;;) { all.push(new Uint8Array(2e7).fill(1)); await new Promise((go) => setTimeout(go, 10)); }",
      "tool_host_lost",
    ],
  ])("%s: its call fails, the others are served", async (_, handler, code) => {
    host = await startToolHost(temporaryHome());
    await host.make("bad", handler);
    await host.make("echo", "return text;");
    await host.ready("dynamic", 2);
    const bad = host.call("bad");
    expect(await bad).toMatchObject({ isError: true, code });
    expect(await host.call("echo", { text: "well" })).toMatchObject({ text: "well" });
    await host.ready("dynamic", 2);
  });

  it("would close stdout: it is refused with its line, and nothing else is different", async () => {
    host = await startToolHost(temporaryHome());
    await host.make("echo", "return text;");
    const refused = await host.make("closes", "process.stdout.end(); return text;");
    expect(refused).toMatchObject({ isError: true, text: expect.stringMatching(/^closes\.js:\d+:\d+: /) });
    expect(await host.call("echo", { text: "heard" })).toMatchObject({ text: "heard" });
    expect(host.changes()).toBe(1);
  });

  it("throws from a timer: its own call fails, another that runs does not", async () => {
    host = await startToolHost(temporaryHome());
    await host.make("throws", 'setTimeout(() => { throw new Error("late"); }, 10); await new Promise(() => {});');
    await host.make("slow", sleeps('"done"'));
    const [thrown, other] = await Promise.all([host.call("throws"), host.call("slow", { ms: 300 })]);
    expect(thrown).toMatchObject({ isError: true, code: "tool_failed" });
    expect(other).toMatchObject({ text: "done" });
    expect((await host.status()).sets.find(({ set }) => set === "dynamic")).toMatchObject({ lost: 0 });
  });

  it("crashes its process when it is loaded: tried five times, rolled back, and all others are served throughout", async () => {
    const home = temporaryHome();
    host = await startToolHost(home);
    await host.make("echo", "return text;");
    await host.make("greet", 'return "hello";');
    await expect.poll(async () => (await host.call("list_snapshots")).text).toContain("2 tools, ran well");
    const bomb = `setTimeout(() => { throw new Error("boom"); }, 0);\n${moduleOf("greet", 'return "boom";')}`;
    writeTool(home, "greet", bomb);
    await expect.poll(async () => (await host.told()).join("\n")).toContain("rolled back to what ran well last");
    expect(await host.call("echo", { text: "still" })).toMatchObject({ text: "still" });
    await expect.poll(async () => (await host.call("greet").catch(() => undefined))?.text).toBe("hello");
    expect((await host.call("list_snapshots")).text).toContain("bad: rolled back from");
    expect((await host.told()).join("\n")).toContain(
      "The tool greet took its process along (5 of 5 times): it threw outside of any call: Error: boom",
    );
    await host.stop();
    host = await startToolHost(home);
    expect(await host.call("greet")).toMatchObject({ text: "hello" });
  });
});

it("serves a tool throughout a rollback from a code that never ran, and tells nobody of a change", async () => {
  const home = temporaryHome();
  host = await startToolHost(home, { restarts: 2 });
  await host.make("greet", 'return "hello";');
  await expect.poll(async () => (await host.call("list_snapshots")).text).toContain("ran well");
  const before = host.changes();
  writeTool(home, "greet", `process.exit(3);\n${moduleOf("greet", 'return "never";')}`);
  await expect.poll(async () => (await host.told()).join("\n")).toContain("rolled back to what ran well last");
  expect(await host.call("greet")).toMatchObject({ text: "hello" });
  expect(host.changes()).toBe(before);
});

it("forgets failed starts after a while of health", async () => {
  const home = temporaryHome();
  host = await startToolHost(home, { restarts: 50 });
  await host.make("greet", 'return "hello";');
  writeTool(home, "greet", `process.exit(3);\n${moduleOf("greet", 'return "never";')}`);
  await expect.poll(async () => (await host.told()).join("\n")).toContain("(2 of 50 times)");
  writeTool(home, "greet", moduleOf("greet", 'return "mended";'));
  await expect.poll(async () => (await host.call("greet")).text).toBe("mended");
  await expect.poll(async () => (await host.status()).sets.find(({ set }) => set === "dynamic")?.failures).toBe(0);
});

it("stops the bundled tools' process with its last caller and starts it with the next", async () => {
  host = await startToolHost(temporaryHome());
  expect(await host.call("calculate", { expression: "6*7" })).toMatchObject({ text: "42" });
  await host.client.close();
  await expect.poll(async () => (await host.status()).processes).toEqual([]);
});

describe("a folder with a tool that", () => {
  it("crashes its process when it is loaded: at the start all others are served, and it alone is rolled back", async () => {
    const home = temporaryHome();
    writeTool(home, "echo", moduleOf("echo", "return text;"));
    writeTool(
      home,
      "bomb",
      `setTimeout(() => { throw new Error("boom"); }, 0);\n${moduleOf("bomb", 'return "boom";')}`,
    );
    host = await startToolHost(home);
    await expect.poll(async () => (await host.call("echo", { text: "on" })).text).toBe("on");
    await expect.poll(async () => (await host.told()).join("\n")).toContain("(5 of 5 times)");
    await expect.poll(async () => (await host.told()).join("\n")).toContain("rolled back");
    await expect.poll(async () => (await host.told()).join("\n")).toContain("(bomb removed)");
    expect(await host.call("echo", { text: "still" })).toMatchObject({ text: "still" });
  });
});
