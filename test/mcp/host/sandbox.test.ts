// What a sandboxed program can and cannot do, tried by real programs under the real command.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Grants, grantsSchema } from "../../../src/mcp/host/grants.js";
import { GrantError, sandboxed } from "../../../src/mcp/host/sandbox.js";
import { makeWorkspace } from "../../support/workspace.js";

const work = makeWorkspace();
const tcp = createServer((socket) => socket.end("hello"));
let port = 0;

beforeAll(async () => {
  tcp.listen(0, "127.0.0.1");
  await once(tcp, "listening");
  port = (tcp.address() as AddressInfo).port; // it listens on TCP
});
afterAll(() => {
  tcp.close();
  work.remove();
});

let programs = 0;

/** Runs attempts, each an async function of the source given, and answers with what each said: its value or `refused: why`. */
async function attempts(
  tries: Readonly<Record<string, string>>,
  grants: Partial<Grants> = {},
): Promise<Record<string, string>> {
  const script = join(work.root, `program-${++programs}.mjs`);
  const list = Object.entries(tries).map(([name, body]) => `${JSON.stringify(name)}: async () => { ${body} }`);
  writeFileSync(
    script,
    `const tries = { ${list.join(",\n")} };
     const said = {};
     for (const [name, attempt] of Object.entries(tries)) {
       try { said[name] = String(await attempt()); } catch (error) { said[name] = "refused: " + error.message; }
     }
     process.stdout.write(JSON.stringify(said), () => process.exit(0));`,
  );
  const { command, args, env, cwd } = sandboxed(grantsSchema.parse(grants), { script, args: [] });
  const child = spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += String(chunk);
  });
  await once(child, "close");
  return JSON.parse(output);
}

describe("a program that is granted nothing", () => {
  it("can read, write and start nothing, reach no network, run no text, and change nothing of its process", async () => {
    const tries = {
      "read a file": `return (await import("node:fs")).readFileSync("/etc/hostname")`,
      "read by the promises": `return (await import("node:fs/promises")).readFile("/etc/hostname")`,
      "list a folder": `return (await import("node:fs")).readdirSync("/etc")`,
      "write a file": `return (await import("node:fs")).writeFileSync(${JSON.stringify(join(work.root, "written"))}, "")`,
      "start a program": `return (await import("node:child_process")).execSync("id")`,
      "start a thread": `return new (await import("node:worker_threads")).Worker("1", { eval: true })`,
      "load an addon": `return process.dlopen({ exports: {} }, "/tmp/x.node")`,
      eval: `return (0, eval)("1")`,
      Function: `return new Function("return 1")()`,
      vm: `return (await import("node:vm")).runInNewContext("1")`,
      "engine flags": `return (await import("node:v8")).setFlagsFromString("--allow-natives-syntax")`,
      "inner bindings": `return process.binding("fs")`,
      "linked bindings": `return process._linkedBinding("fs")`,
      "modules by process": `return process.getBuiltinModule("fs")`,
      "signal another": `return process.kill(${process.pid}, 0)`,
      "abort with a core": `return process.abort()`,
      "debug another": `return process._debugProcess(${process.pid})`,
      inspector: `return (await import("node:inspector")).open(0)`,
      "module hooks": `return (await import("node:module")).register("data:text/javascript,")`,
      wasi: `return new (await import("node:wasi")).WASI({ version: "preview1" })`,
      trace: `return (await import("node:trace_events")).createTracing({ categories: ["v8"] }).enable()`,
      repl: `return (await import("node:repl")).start()`,
      "inner hooks": `return (await import("node:async_hooks")).createHook({})`,
      report: `return process.report.writeReport()`,
      "change user": `return process.setuid(0)`,
      "old prototype": `return {}.__proto__`,
      "shared prototype": `Object.defineProperty(Object.prototype, "polluted", { value: 1 }); return {}.polluted`,
      connect: `return new Promise((ok, no) => import("node:net").then((net) => net.connect(${port}, "127.0.0.1", () => ok("connected")).on("error", no)).catch(no))`,
      listen: `return (await import("node:net")).createServer().listen(0)`,
      "unix socket": `return (await import("node:net")).connect("/tmp/none.sock")`,
      http: `return (await import("node:http")).get("http://127.0.0.1:${port}/")`,
      tls: `return (await import("node:tls")).connect(${port}, "127.0.0.1")`,
      http2: `const session = (await import("node:http2")).connect("http://127.0.0.1:${port}"); return new Promise((ok, no) => session.on("connect", ok).on("error", no))`,
      fetch: `return (await fetch("http://127.0.0.1:${port}/")).text()`,
      datagram: `return (await import("node:dgram")).createSocket("udp4")`,
      "look up": `return (await import("node:dns")).promises.lookup("localhost")`,
      resolver: `return new (await import("node:dns")).Resolver().resolve4("localhost", () => {})`,
    };
    const said = await attempts(tries);
    const done = Object.entries(said).filter(([, text]) => !text.startsWith("refused: "));
    expect(done).toEqual([]);
    expect(Object.keys(said)).toHaveLength(Object.keys(tries).length);
  });

  it("gets an environment made anew, in which not even its grants are left", async () => {
    process.env.BANYAN_TEST_SECRET = "hush";
    // While coverage is taken, Node hands one variable on by itself.
    const names = `return Object.keys(process.env).filter((name) => name !== "NODE_V8_COVERAGE").sort().join()`;
    const said = await attempts({ names });
    delete process.env.BANYAN_TEST_SECRET;
    expect(said.names).not.toMatch(/BANYAN|PATH|HOME|NODE/);
  });
});

describe("grants", () => {
  it("open the very folders that are named, whatever their names, and not what they link to", async () => {
    const strange = join(work.root, "a, b [c]?{d}");
    const [inside, beside, linked] = [join(strange, "f"), join(work.root, "a, b [c]?{d}e"), join(strange, "link")];
    mkdirSync(strange);
    writeFileSync(inside, "inside");
    writeFileSync(beside, "beside");
    const behind = join(work.root, "behind");
    symlinkSync(strange, behind); // granted by another name
    const read = (path: string) => `return (await import("node:fs")).readFileSync(${JSON.stringify(path)}, "utf8")`;
    const write = (path: string) => `return (await import("node:fs")).writeFileSync(${JSON.stringify(path)}, "new")`;
    const link = `(await import("node:fs")).symlinkSync(${JSON.stringify(beside)}, ${JSON.stringify(linked)});`;
    const fresh = join(work.root, "made later");
    const said = await attempts(
      {
        ...{ inside: read(inside), beside: read(beside), linked: `${link} ${read(linked)}` },
        ...{
          write: write(inside),
          fresh: `(await import("node:fs")).mkdirSync(${JSON.stringify(fresh)}); ${write(join(fresh, "f"))}`,
        },
        "write beside": write(beside),
      },
      { read: [behind], write: [strange, fresh] },
    );
    expect(said).toMatchObject({ inside: "inside", write: "undefined", fresh: "undefined" });
    for (const refused of ["beside", "linked", "write beside"]) expect(said[refused]).toMatch(/^refused: /);
    expect(readFileSync(inside, "utf8")).toBe("new");
    expect(readFileSync(beside, "utf8")).toBe("beside");
  });

  it("are refused for a folder whose name Node would take for a pattern", () => {
    const grants = grantsSchema.parse({ read: [join(work.root, "a*b")] });
    expect(() => sandboxed(grants, { script: join(work.root, "x.mjs"), args: [] })).toThrow(GrantError);
    expect(() => sandboxed(grants, { script: join(work.root, "x.mjs"), args: [] })).toThrow(/rename that folder/);
  });

  it("may be given twice and inside one another", async () => {
    const [outer, inner] = [join(work.root, "outer"), join(work.root, "outer", "inner")];
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, "f"), "read");
    const body = `return (await import("node:fs")).readFileSync(${JSON.stringify(join(inner, "f"))}, "utf8")`;
    expect(await attempts({ read: body }, { read: [inner, outer, inner, outer] })).toEqual({ read: "read" });
  });

  it("open a network address for its very port, by every way there is to it", async () => {
    const get = (host: string, at = port) =>
      `return new Promise((ok, no) => import("node:net").then((net) => net.connect({ port: ${at}, host: ${JSON.stringify(host)} }).on("data", ok).on("error", no)).catch(no))`;
    const tries = {
      named: get("127.0.0.1"),
      "other port": get("127.0.0.1", port + 1),
      "other spelling": get("127.1"),
      mapped: get("::ffff:127.0.0.1"),
      "by name": get("localhost"),
      "another lookup": `return new Promise((ok, no) => import("node:net").then((net) => net.connect({ port: ${port}, host: "api.example.com", lookup: (_, __, done) => done(null, "127.0.0.1", 4) }).on("data", ok).on("error", no)).catch(no))`,
      "look up another": `return (await import("node:dns")).promises.lookup("other.example")`,
    };
    const some = await attempts(tries, { net: [`127.0.0.1:${port}`, "api.example.com"] });
    expect(some.named).toBe("hello");
    for (const name of Object.keys(tries).filter((name) => name !== "named")) expect(some[name]).toMatch(/^refused: /);
    expect(some["look up another"]).toContain("other.example is not among the hosts granted to it");
    // All public hosts are not this machine.
    const all = await attempts({ "this machine": get("127.0.0.1"), rebinding: tries["another lookup"] }, { net: true });
    expect(all["this machine"]).toContain("is this machine, which has to be granted by its address");
    expect(all.rebinding).toContain("api.example.com leads to 127.0.0.1");
    expect(await attempts({ local: get("localhost") }, { net: [`localhost:${port}`] })).toEqual({ local: "hello" });
  });

  it("open threads, which are as confined as the program, and programs, which are not", async () => {
    const thread = join(work.root, "thread.mjs");
    writeFileSync(
      thread,
      `import { parentPort } from "node:worker_threads";
       import { readFileSync } from "node:fs";
       import { connect } from "node:net";
       const tries = [() => connect(${port}, "127.0.0.1"), () => readFileSync("/etc/hostname"), () => eval("1")];
       const said = tries.map((attempt) => { try { return String(attempt()); } catch { return "refused"; } });
       parentPort.postMessage(said.join());`,
    );
    const said = await attempts(
      {
        thread: `const { Worker } = await import("node:worker_threads");
          const worker = new Worker(new URL("thread.mjs", import.meta.url), { execArgv: [], env: {} });
          return new Promise((ok, no) => worker.on("message", ok).on("error", no));`,
        program: `return (await import("node:child_process")).execSync("echo started").toString().trim()`,
      },
      { workers: true, run: true, read: [thread] },
    );
    expect(said).toEqual({ thread: "refused,refused,refused", program: "started" });
  });
});
