import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "./support/banyan.js";
import { temporaryHome } from "./support/home.js";

const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

function run(cwd: string, command: string, ...args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 120_000 });
  return { code: status, output: stdout + stderr };
}

/** Packing takes long, so all that try the package unpack the same one. */
const tarballs = mkdtempSync(join(tmpdir(), "banyan-packed-"));
let tarball: string | undefined;
afterAll(() => rmSync(tarballs, { recursive: true, force: true }));

function pack(): string {
  // --ignore-scripts: dist is fresh already, and another build would pull it from under other tests.
  return run(root, "npm", "pack", "--ignore-scripts", "--silent", "--pack-destination", tarballs).output.trim();
}

/** An empty project with the packed package in it, and of its dependencies only those named. */
function install(dependencies: readonly string[]): string {
  const folder = temporaryHome();
  tarball ??= pack();
  unpack(folder, "banyan", join(tarballs, tarball), dependencies);
  return folder;
}

/** The same with the framework packed alone. */
function installFramework(): string {
  const folder = temporaryHome();
  const { output } = run(root, process.execPath, "scripts/pack-framework.mjs", "--to", folder);
  unpack(folder, "banyan-supervision", output.trim(), ["eventemitter3", "xstate"]);
  return folder;
}

/** Makes the folder a project that has the package, unpacked from the tarball, beside its dependencies. */
function unpack(folder: string, name: string, tarball: string, dependencies: readonly string[]): void {
  const modules = join(folder, "node_modules");
  const target = join(modules, name);
  mkdirSync(target, { recursive: true });
  expect(run(folder, "tar", "-xzf", tarball, "-C", target, "--strip-components=1").code).toBe(0);
  for (const dependency of dependencies) {
    symlinkSync(join(root, "node_modules", dependency), join(modules, dependency));
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
}

const program = `import { Application, GenServer, child, named, type Pid } from "banyan";
class Greeter extends GenServer<string, { name: string }> {
  protected override init(name: string) { this.state = { name }; }
  greet(word: string) { return word + ", " + this.state.name; }
}
const greeter = named<Greeter>("greeter");
const app = await Application.start({ strategy: "one_for_one", children: [child(Greeter, "world", { name: greeter })] });
const answer: string = await greeter.call.greet("hello");
const pid: Pid<Greeter> | undefined = greeter.whereis();
// @ts-expect-error a greeting is a string
const wrong: number = await greeter.call.greet("hello");
// @ts-expect-error the start argument is a string
child(Greeter, 42);
await app.stop();
export { answer, pid, wrong };
`;

describe("the packed package in an empty folder", () => {
  it("gives the framework with eventemitter3 alone beside it, and loads nothing of Node or of the chat", () => {
    const folder = install(["eventemitter3"]);
    // Every module that is resolved is printed; a package that is not there would fail the import anyway.
    writeFileSync(
      join(folder, "hooks.mjs"),
      "export async function resolve(specifier, context, next) { const found = await next(specifier, context); console.log(found.url); return found; }",
    );
    writeFileSync(
      join(folder, "main.mjs"),
      'import { register } from "node:module"; register("./hooks.mjs", import.meta.url); const { GenServer } = await import("banyan"); console.log(typeof GenServer);',
    );
    const { code, output } = run(folder, process.execPath, "main.mjs");
    // The hooks print from a thread of their own, so the order of the lines is nobody's.
    const lines = output.split("\n");
    expect({ code, lines }).toEqual({ code: 0, lines: expect.arrayContaining(["function"]) });
    const loaded = lines.filter((line) => /^(file|node):/.test(line));
    expect(
      loaded.filter((url) => !/node_modules\/banyan\/dist\/supervision\/[\w-]+\.js$|eventemitter3/.test(url)),
    ).toEqual([]);
  });

  it("type-checks for its users under node16 and bundler resolution, with no types of Node or the DOM", () => {
    const folder = install(["eventemitter3"]);
    writeFileSync(join(folder, "program.ts"), program);
    for (const [module, moduleResolution] of [
      ["node16", "node16"],
      ["esnext", "bundler"],
    ]) {
      const options = {
        module,
        moduleResolution,
        target: "es2022",
        lib: ["es2022"],
        strict: true,
        noEmit: true,
        types: [],
      };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["program.ts"] }));
      expect(run(folder, process.execPath, tsc, "-p", ".")).toEqual({ code: 0, output: "" });
    }
  });

  it("holds only what runs", () => {
    const folder = install([]);
    expect(readdirSync(join(folder, "node_modules", "banyan")).sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "config.schema.json",
      "config.toml",
      "dist",
      "package.json",
    ]);
  });
});

describe("the framework packed alone", () => {
  it("runs a tree, a child in a thread and a state machine", () => {
    const folder = installFramework();
    writeFileSync(
      join(folder, "adder.mjs"),
      `import { threadId } from "node:worker_threads";
      import { GenServer } from "banyan-supervision";
      export class Adder extends GenServer {
        static module = import.meta.url;
        init(start) { this.state = start; }
        add(by) { return (this.state += by); }
        thread() { return threadId; }
        crash() { throw new Error("on purpose"); }
      }`,
    );
    writeFileSync(
      join(folder, "main.mjs"),
      `import { Application, child, named } from "banyan-supervision";
      import "banyan-supervision/node";
      import { StateMachine } from "banyan-supervision/state-machine";
      import { createMachine } from "xstate";
      import { Adder } from "./adder.mjs";
      const [here, there, light] = [named("here"), named("there"), named("light")];
      const machine = createMachine({ initial: "red", states: { red: { on: { push: "green" } }, green: {} } });
      const app = await Application.start({ strategy: "one_for_one", children: [
        child(Adder, 1, { id: "here", name: here }),
        child(Adder, 2, { id: "there", name: there, isolation: "thread" }),
        child(StateMachine, { machine }, { name: light }),
      ] });
      const crashed = [];
      for (const adder of [here, there]) crashed.push(await adder.call.crash().catch(({ code }) => code));
      console.log(JSON.stringify({
        crashed,
        sums: [await here.call.add(40), await there.call.add(40)],
        threads: [await here.call.thread() === 0, await there.call.thread() > 0],
        light: (await light.call.ask({ type: "push" })).value,
        restarts: app.tree().children.map(({ restarts }) => restarts),
      }));
      await app.stop();`,
    );
    const { code, output } = run(folder, process.execPath, "main.mjs");
    expect({ code, output: output.trim() }).toEqual({
      code: 0,
      output: JSON.stringify({
        crashed: ["exited", "exited"],
        sums: [41, 42],
        threads: [true, true],
        light: "green",
        restarts: [1, 1, 0],
      }),
    });
  });

  it("holds the framework and asks for xstate and eventemitter3 only", () => {
    const target = join(installFramework(), "node_modules", "banyan-supervision");
    expect(readdirSync(target).sort()).toEqual(["LICENSE", "README.md", "dist", "package.json"]);
    expect(readdirSync(join(target, "dist"))).toEqual(["supervision"]);
    const { name, version, exports, dependencies } = JSON.parse(readFileSync(join(target, "package.json"), "utf8"));
    expect({ name, version }).toEqual({ name: "banyan-supervision", version: own.version });
    expect(Object.keys(exports)).toEqual([".", "./node", "./state-machine", "./package.json"]);
    expect(Object.keys(dependencies)).toEqual(["eventemitter3", "xstate"]);
  });
});
