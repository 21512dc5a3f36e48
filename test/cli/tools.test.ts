import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { banyan, isAlive, place, root, startBanyan } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";

const hostile = join(root, "test", "support", "hostile-server.mjs");

function server(name: string, args: readonly string[], more = ""): string {
  return `[[servers]]\nname = "${name}"\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([hostile, ...args])}\n${more}\n`;
}

describe("banyan tools, without a running app", () => {
  it("lists, finds and shows every tool, and says which server's are missing", async () => {
    const here = place(temporaryHome(), `${server("late", [], 'start = "lazy"')}${server("broken", ["--exit=3"])}`);
    const { code, stdout, stderr } = await banyan(here, ["tools", "list", "--json"]);
    const tools = JSON.parse(stdout) as { name: string; fingerprint: string }[];
    expect(code).toBe(0);
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["host.calculate", "late.echo"]));
    expect(stderr).toMatch(/^banyan: The server broken is .*missing here\.\n$/);
    const found = JSON.parse((await banyan(here, ["tools", "search", "calculate", "6*7", "--json"])).stdout);
    expect(found[0].name).toBe("host.calculate");
    const shown = (await banyan(here, ["tools", "show", "host.calculate"])).stdout;
    expect(shown).toMatch(/expression +string +required/);
    expect(shown).toContain(`fingerprint: ${tools.find(({ name }) => name === "host.calculate")?.fingerprint}`);
  });

  it("calls a tool with JSON, pairs or stdin, shows progress on stderr, and says by its exit code how it went", async () => {
    const here = place(temporaryHome(), server("nasty", []));
    const forms: [args: string[], input: string][] = [
      [['{"expression":"6*7"}'], ""],
      [["expression=6*7"], ""],
      [["-"], '{"expression":"6*7"}'],
    ];
    for (const [args, input] of forms)
      expect(await banyan(here, ["tools", "call", "host.calculate", ...args], input)).toEqual({
        code: 0,
        stdout: "42\n",
        stderr: "",
      });
    const told = await banyan(here, ["tools", "call", "nasty.progress_and_answer"]);
    expect(told).toEqual({ code: 0, stdout: "done\n", stderr: "1/1\n" });
    expect((await banyan(here, ["tools", "call", "host.read_file", "path=none"])).code).toBe(1);
    expect((await banyan(here, ["tools", "call", "nasty.die"])).code).toBe(1);
    expect((await banyan(here, ["tools", "call", "host.calculate", "{broken"])).code).toBe(2);
    expect((await banyan(here, ["tools", "call", "nobody.there"])).stderr).toContain("nobody is not configured");
  });

  it("Ctrl-C cancels a call, and no program is left, however stubborn", async () => {
    const home = temporaryHome();
    const pids = join(home, "pids.json");
    const here = place(home, server("nasty", ["--stubborn", `--pids=${pids}`]));
    const call = startBanyan(here, ["tools", "call", "nasty.hang"]);
    const closed = once(call, "close");
    await expect.poll(() => existsSync(pids) && readFileSync(pids, "utf8").trimEnd().endsWith("}")).toBe(true);
    const running = Object.values(JSON.parse(readFileSync(pids, "utf8")) as Record<string, number | undefined>);
    call.kill("SIGINT");
    expect((await closed)[0]).toBe(130);
    for (const pid of running) expect(pid !== undefined && isAlive(pid)).toBe(false);
  });
});
