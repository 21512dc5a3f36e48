import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { banyan, cli, isAlive, type Place, place, root, serverBlock } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

const start = `${process.execPath} ${cli}`;
const LONG = { interval: 50 };

function open(here: Place, columns?: number, rows?: number): RealTerminal {
  const terminal = new RealTerminal(here, columns, rows);
  terminal.enter(start);
  return terminal;
}

interface Node {
  readonly name?: string;
  readonly id: string;
  readonly label?: string;
  readonly children?: readonly Node[];
}

async function tree(here: Place): Promise<Node[]> {
  const flat = (node: Node): Node[] => [node, ...(node.children ?? []).flatMap(flat)];
  return flat(JSON.parse((await banyan(here, ["tree", "--json"])).stdout) as Node);
}

describe.skipIf(!hasTmux)("the chat in a real terminal (needs tmux)", () => {
  it("lists files after a yes, remembers an always, and leaves the terminal as it was", async () => {
    const here = place(temporaryHome());
    writeFileSync(join(here.cwd, "hello.txt"), "hi");
    const terminal = open(here);
    await expect.poll(() => terminal.screen(), LONG).toContain("Model: offline");
    terminal.enter("list the files here");
    await expect.poll(() => terminal.screen(), LONG).toContain("Run host.list_directory?");
    terminal.press("a");
    await expect.poll(() => terminal.screen(), LONG).toMatch(/✓ host\.list_directory[\s\S]*hello\.txt/);
    terminal.enter("list the files here");
    await expect.poll(() => terminal.everything().match(/✓ host\.list_directory/g)?.length, LONG).toBe(2);
    terminal.enter("/quit");
    await expect
      .poll(() => terminal.screen().trimEnd(), LONG)
      .toMatch(/To go on with this conversation: banyan --resume\n\$$/);
    terminal.enter("echo typed $((40 + 2))");
    await expect.poll(() => terminal.screen(), LONG).toContain("typed 42");
  });

  it("goes on when a server is killed in the middle of its tool: said, reconnected, nothing else restarted", async () => {
    const here = place(
      temporaryHome(),
      `[approvals]\nallow = ["*"]\n${serverBlock("everything", "server-everything")}`,
    );
    const terminal = open(here);
    await expect.poll(() => terminal.screen(), LONG).toContain("● 2");
    const before = await tree(here);
    terminal.enter("everything.trigger-long-running-operation duration=60 steps=60");
    await expect.poll(() => terminal.screen(), LONG).toMatch(/running tools/);
    const pid = Number(/\d+/.exec(await pidOf(here, "everything"))?.[0]);
    process.kill(pid, "SIGKILL");
    await expect.poll(() => terminal.screen(), LONG).toMatch(/The server everything was lost: .*SIGKILL/);
    terminal.press("Escape");
    await expect.poll(() => terminal.everything(), LONG).toContain("The server everything is back");
    terminal.enter('everything.echo message="still here"');
    await expect.poll(() => terminal.screen(), LONG).toContain("Echo: still here");
    const after = await tree(here);
    const boxes = (nodes: Node[]) => nodes.filter(({ name }) => name !== undefined && !name.startsWith("Port:"));
    expect(boxes(after).map(({ name, id }) => [name, id])).toEqual(boxes(before).map(({ name, id }) => [name, id]));
    expect(after.some(({ label }) => label?.startsWith("everything: ready, connected again 1×"))).toBe(true);
    terminal.enter("/tree");
    await expect.poll(() => terminal.screen(), LONG).toMatch(/─ ServerWrapper .* everything: ready, c/);
  });

  it("takes input while an answer is under way, sends it next, and Esc stops the answer alone", async () => {
    const here = place(temporaryHome(), '[approvals]\nallow = ["*"]\n[bundled]\ndemo = true\n');
    const terminal = open(here);
    await expect.poll(() => terminal.screen(), LONG).toContain("● 2");
    terminal.enter("hang");
    await expect.poll(() => terminal.screen(), LONG).toContain("running tools");
    terminal.enter("what is 6*7");
    await expect.poll(() => terminal.screen(), LONG).toContain("1 queued");
    terminal.press("Escape");
    await expect.poll(() => terminal.screen(), LONG).toMatch(/Stopped\.[\s\S]*what is 6\*7[\s\S]*answered: 42/);
  });

  it("asks what a server wants to know in a form", async () => {
    const here = place(temporaryHome(), '[approvals]\nallow = ["*"]\n[bundled]\ndemo = true\n');
    const terminal = open(here);
    await expect.poll(() => terminal.screen(), LONG).toContain("● 2");
    terminal.enter("demo.ask_name");
    await expect.poll(() => terminal.screen(), LONG).toContain("demo asks: What is your name");
    terminal.type("Ann");
    terminal.press("Tab");
    terminal.press("Right");
    terminal.press("Enter");
    await expect.poll(() => terminal.screen(), LONG).toContain("Hello, Ann!");
  });

  it("kill -9 and --resume: everything shown as sent is there, and no server is left", async () => {
    const folder = temporaryHome();
    const pids = join(folder, "pids.json");
    const hostile = [
      join(root, "test", "support", "hostile-server.mjs"),
      "--stubborn",
      "--grandchild",
      `--pids=${pids}`,
    ];
    const here = place(
      folder,
      `[approvals]\nallow = ["*"]\n[[servers]]\nname = "stubborn"\ncommand = "${process.execPath}"\nargs = ${JSON.stringify(hostile)}\n`,
    );
    const terminal = open(here);
    await expect.poll(() => terminal.screen(), LONG).toContain("● 2");
    terminal.enter("what is 6*7");
    await expect.poll(() => terminal.screen(), LONG).toContain("answered: 42");
    terminal.enter("stubborn.hang");
    await expect.poll(() => terminal.screen(), LONG).toContain("running tools");
    const servers = Object.values(JSON.parse(readFileSync(pids, "utf8")) as Record<string, number>);
    process.kill(await pidOfApp(here), "SIGKILL");
    await expect.poll(() => servers.filter(isAlive), LONG).toEqual([]);
    // Nobody who is killed this way puts the terminal back; bash and zsh do it for themselves, this plain shell does not.
    terminal.type("stty sane; clear");
    terminal.press("C-j");
    // What is typed before the terminal is sane again has a return that ends no line.
    await expect.poll(() => terminal.screen().trim(), LONG).toBe("$");
    terminal.enter(`${start} --resume`);
    await expect
      .poll(() => terminal.screen(), LONG)
      .toContain("Recovered after an interruption: 1 tool call was under way");
    const shown = terminal.screen();
    expect(shown).toMatch(/what is 6\*7[\s\S]*answered: 42[\s\S]*stubborn\.hang[\s\S]*/);
    await expect.poll(() => terminal.screen(), LONG).toContain("Run stubborn.hang again?");
    terminal.press("n");
    await expect.poll(() => terminal.screen(), LONG).toContain("it was not run again");
  });

  it("keeps the transcript and the line being typed over a resize, each once", async () => {
    const terminal = open(place(temporaryHome()));
    await expect.poll(() => terminal.screen(), LONG).toContain("Model: offline");
    terminal.type("half a line");
    await expect.poll(() => terminal.screen(), LONG).toContain("half a line");
    terminal.resize(60, 20);
    await expect.poll(() => terminal.screen(), LONG).toMatch(/^─{60}$/m);
    expect(terminal.screen().match(/Model: offline/g)).toHaveLength(1);
    expect(terminal.screen().match(/half a line/g)).toHaveLength(1);
  });
});

async function pidOfApp(here: Place): Promise<number> {
  const { run } = JSON.parse((await banyan(here, ["config", "path", "--json"])).stdout) as { run: string };
  const [socket = ""] = readdirSync(run).filter((name) => name.endsWith(".sock"));
  return Number.parseInt(socket, 10);
}

/** The OS process of a server, as its Port's label has it. */
async function pidOf(here: Place, server: string): Promise<string> {
  const port = (await tree(here)).find(({ name }) => name === `Port:${server}`);
  return port?.label ?? "";
}
