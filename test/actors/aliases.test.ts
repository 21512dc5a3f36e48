import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { expandAlias } from "../../src/actors/alias-expansion.js";
import { type Alias, Aliases } from "../../src/actors/aliases.js";
import { Store } from "../../src/actors/store/store.js";
import { Application, child, exit, GenServer, type Named, named, whereis } from "../../src/supervision/index.js";
import { temporaryHome } from "../support/home.js";

const store = named<Store>("Store");
const aliases = named<Aliases>("Aliases");

async function start(home = temporaryHome(), project = "/p"): Promise<Application> {
  const app = await Application.start({
    strategy: "one_for_one",
    maxRestarts: 1_000,
    children: [
      child(Store, { file: join(home, "banyan.db") }, { name: store }),
      child(Aliases, { store, project, reserved: ["help", "clear"] }, { name: aliases }),
    ],
  });
  onTestFinished(() => app.stop());
  return app;
}

const here = (name: string, expansion: string): Alias => ({ name, expansion, scope: "project" });

describe("the expansion of an alias", () => {
  const expand = (line: string, defined: Record<string, string>) => expandAlias(line, (name) => defined[name]);

  it.each([
    ["/r", "Review it.", ["Review it."]],
    ["/R", "Review it.", ["Review it."]],
    ["/r a.ts b.ts", "Compare $1 with $2.", ["Compare a.ts with b.ts."]],
    ['/r "my file" x', "Read $1.", ["Read my file."]],
    ["/r all of  this", "Say: $@!", ["Say: all of  this!"]],
    ["/r", "Say: $@", ["Say: "]],
    ["/r more words", "Go on.", ["Go on. more words"]],
    ["/r 5", "costs $$$1", ["costs $5"]],
    ["/r $& $1", "Say $@", ["Say $& $1"]],
    ["/r x;;y", "one;;two $1\n\n /clear ;;", ["one", "two x;;y", "/clear"]],
  ])("%j with %j", (line, expansion, lines) => {
    expect(expand(line, { r: expansion })).toEqual(lines);
  });

  it("goes through other aliases and leaves commands as they are", () => {
    const defined = { day: "/clear;;/greet $1;;bye", greet: "hello $1" };
    expect(expand("/day Ann", defined)).toEqual(["/clear", "hello Ann", "bye"]);
    expect(expand("/help", defined)).toBeUndefined();
    expect(expand("hello", defined)).toBeUndefined();
  });

  it("names the circle, the missing word, and what has no measure", () => {
    expect(() => expand("/a", { a: "/b", b: "x;;/c", c: "/b" })).toThrow("circle: /b → /c → /b");
    expect(() => expand("/a x", { a: "Compare $1 with $2" })).toThrow("/a needs at least 2 words after it");
    const deep = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`a${index}`, `/a${index + 1}`]));
    expect(() => expand("/a0", deep)).toThrow("more than 10 deep");
    const wide = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`a${index}`, `/a${index + 1};;`.repeat(10)]),
    );
    expect(() => expand("/a0", wide)).toThrow("more than 100 lines");
  });
});

describe("Aliases", () => {
  it("keeps those of a folder and those for all over a restart of the app, the folder's own first", async () => {
    const home = temporaryHome();
    const first = await start(home);
    await aliases.call.define(here("r", "here"));
    await aliases.call.define({ ...here("r", "everywhere"), scope: "global" });
    await aliases.call.define({ ...here("g", "global only"), scope: "global" });
    expect(await aliases.call.expand("/r")).toEqual(["here"]);
    await first.stop();
    const elsewhere = await start(home, "/q");
    expect(await aliases.call.expand("/r")).toEqual(["everywhere"]);
    await elsewhere.stop();
    await start(home);
    expect(await aliases.call.remove("r", "project")).toBe(true);
    expect(await aliases.call.remove("r", "project")).toBe(false);
    expect(await aliases.call.expand("/r")).toEqual(["everywhere"]);
    expect((await aliases.call.list()).map(({ name, scope }) => [name, scope])).toEqual([
      ["g", "global"],
      ["r", "global"],
    ]);
  });

  it.each([
    [here("help", "x"), "alias_reserved", "/help is a command already"],
    [here("Two words", "x"), "alias_name", "no name for an alias"],
    [here("a", " ;; \n"), "alias_empty", "Say what /a stands for"],
    [here("a", "x".repeat(16 * 1024 + 1)), "alias_too_long", "shorten it"],
    [here("a", "/a"), "alias_cycle", "/a → /a"],
    [here("a", "/b"), "alias_cycle", "/a → /b → /a"],
  ])("refuses %j: %s", async (alias, code, message) => {
    await start();
    await aliases.call.define(here("b", "/a"));
    const pid = whereis(aliases)?.id;
    await expect(aliases.call.define(alias)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect((await aliases.call.list()).map(({ name }) => name)).toEqual(["b"]);
    expect(whereis(aliases)?.id).toBe(pid);
  });

  it("never goes before a command, not even one that a later version brings", async () => {
    await start();
    const sql = "INSERT INTO aliases (project, name, expansion, updated_at) VALUES ('/p', 'clear', 'mine', 1)";
    await store.call.write({ sql });
    expect(await aliases.call.expand("/clear")).toBeUndefined();
  });

  it("tells every change to who watches, until it ends", async () => {
    await start();
    class Watcher extends GenServer<void, string[][]> {
      protected override init() {
        this.state = [];
      }
      aliasesChanged(list: readonly Alias[]) {
        this.state.push(list.map(({ name }) => name));
      }
      seen() {
        return this.state;
      }
    }
    const watcher = await Watcher.start();
    await aliases.call.define(here("a", "1"));
    expect((await aliases.call.watch(watcher)).map(({ name }) => name)).toEqual(["a"]);
    await aliases.call.watch(watcher);
    await aliases.call.define(here("b", "2"));
    await aliases.call.remove("a", "project");
    expect(await watcher.call.seen()).toEqual([["a", "b"], ["b"]]);
    exit(watcher, "kill");
    await aliases.call.define(here("c", "3"));
    expect((await aliases.call.getStatus()).level).toBe("ok");
  });

  it("loses no acknowledged alias when it and the Store are killed again and again under load", async () => {
    await start();
    const kill = (name: Named<unknown>): void => {
      const pid = whereis(name);
      if (pid !== undefined) exit(pid, "kill");
    };
    const confirmed: string[] = [];
    const define = async (name: string): Promise<void> => {
      await aliases.call.define(here(name, `text of ${name}`));
      confirmed.push(name);
      if (confirmed.length % 5 === 0) kill(aliases);
      if (confirmed.length % 8 === 0) kill(store);
    };
    for (let round = 0; round < 10; round++) {
      await Promise.allSettled(Array.from({ length: 8 }, (_, index) => define(`a${round}-${index}`)));
    }
    expect(confirmed.length).toBeGreaterThan(10);
    expect((await aliases.call.list()).map(({ name }) => name)).toEqual(expect.arrayContaining(confirmed));
  });

  it("has room for 200 in a folder and says so", async () => {
    await start();
    const sql = "INSERT INTO aliases (project, name, expansion, updated_at) VALUES ('/p', ?, 'x', 1)";
    await store.call.write(...Array.from({ length: 200 }, (_, index) => ({ sql, params: [`n${index}`] })));
    await expect(aliases.call.define(here("more", "x"))).rejects.toMatchObject({ code: "alias_too_many" });
    await aliases.call.define(here("n7", "changed"));
    await aliases.call.define({ ...here("more", "x"), scope: "global" });
  });
});
