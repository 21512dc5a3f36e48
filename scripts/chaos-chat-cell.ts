// One cell of the table of chaos:chat: the built program in a real terminal, a scripted model and a real server; the conversation
// runs up to a step, something is killed, and it is driven to its end as a user would.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { appSockets, askRunningApp } from "../src/actors/control/client.js";
import { resolvePaths } from "../src/actors/paths.js";
import { cli, isAlive, place, root } from "../test/support/banyan.js";
import { type ModelServer, type Piece, startModelServer } from "../test/support/model-server.js";
import { Tmux } from "../test/support/tmux.js";
import {
  ANSWERS,
  MESSAGES,
  type Request,
  replyTo,
  requestOf,
  type Step,
  takesTheTurn,
  type Victim,
} from "./chaos-chat-steps.js";

export interface Outcome {
  /** The transcript as it is exported, without ids and times. */
  readonly transcript: string;
  /** How often the user was asked whether a call runs again. */
  readonly asked: number;
  /** What is not as it should be, without regard to the transcript. */
  readonly problems: readonly string[];
}

const LONGEST_MS = 60_000;
const DRAFT = "half a thought";
const RECOVERED = /Recovered after an interruption|and goes on: /g;
const CONFIG = (baseUrl: string, folder: string): string => `model = "openai:m"
[providers.openai]
base_url = "${baseUrl}"
[approvals]
allow = ["count.look"]
[bundled]
host = false
[[servers]]
name = "count"
command = ${JSON.stringify(process.execPath)}
args = ${JSON.stringify([join(root, "test", "support", "counting-server.mjs"), `--folder=${folder}`])}
restart_delay = "20ms"
`;

const treeSchema: z.ZodType<Node> = z.lazy(() =>
  z.object({
    id: z.string(),
    name: z.string().optional(),
    behaviour: z.string(),
    children: z.array(treeSchema).optional(),
  }),
);
interface Node {
  readonly id: string;
  readonly name?: string | undefined;
  readonly behaviour: string;
  readonly children?: readonly Node[] | undefined;
}
const serversSchema = z.array(z.object({ name: z.string(), pid: z.number().optional() }));
const exportSchema = z.object({ messages: z.array(z.record(z.string(), z.unknown())) });

/** Without a victim it is the run that nobody disturbs. */
export async function runCell(step: Step, victim: Victim | undefined): Promise<Outcome> {
  const cell = new Cell(step, victim);
  await cell.open();
  try {
    return await cell.run();
  } finally {
    await cell.close();
  }
}

class Cell {
  private readonly folder = mkdtempSync(join(tmpdir(), "banyan-chaos-chat-"));
  private readonly problems: string[] = [];
  private asked = 0;
  private readonly requests = new Map<number, Request>();
  private isHeld = false;
  private release = (): void => {};
  private model!: ModelServer; // set by open, as are the two below
  private terminal!: Tmux;
  private control!: string;

  constructor(
    private readonly step: Step,
    private readonly victim: Victim | undefined,
  ) {}

  async open(): Promise<void> {
    let requests = 0;
    this.model = await startModelServer({ onPiece: (piece) => this.hold(piece) });
    this.model.defaultReply = (json) => {
      const request = requestOf(json);
      this.requests.set(++requests, request);
      return replyTo(request);
    };
    const here = place(this.folder, CONFIG(this.model.baseUrl, this.folder));
    here.env.OPENAI_API_KEY = "k";
    this.control = resolvePaths({ home: here.home, env: {}, platform: process.platform, cwd: here.cwd }).socket;
    this.terminal = new Tmux(here);
    if (this.step.tool) writeFileSync(this.gate, "");
  }

  async close(): Promise<void> {
    this.release();
    const pid = appSockets(this.control)[0]?.pid;
    if (pid !== undefined && isAlive(pid)) process.kill(pid, "SIGKILL");
    this.terminal.close();
    await this.model.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  async run(): Promise<Outcome> {
    this.terminal.enter(`${process.execPath} ${cli}`);
    await this.shows("● 1"); // its server is up
    this.terminal.enter(MESSAGES[0]);
    await this.until("the first message is answered", () => this.requests.size > 0);
    this.terminal.enter(MESSAGES[1]);
    await this.shows("1 queued");
    await this.reach();
    if (this.victim !== undefined) await this.kill(this.victim);
    this.release();
    rmSync(this.gate, { force: true });
    await this.toItsEnd();
    const transcript = await this.exported();
    this.look();
    return { transcript, asked: this.asked, problems: this.problems };
  }

  // --- up to the step ----------------------------------------------------------------------------------------------------

  private get gate(): string {
    return join(this.folder, "write.gate");
  }

  /** The first request is held until the second message is queued, and then whatever the step says. */
  private hold(piece: Piece): Promise<void> | undefined {
    const request = this.requests.get(piece.request);
    const { held } = this.step;
    const isStep = !this.isHeld && held !== undefined && request === held.request && held.at(piece);
    const isQueue = piece.request === 1 && piece.at === 0;
    if (!isStep && !isQueue) return undefined;
    if (isStep) this.isHeld = true;
    return new Promise((resolve) => {
      this.release = resolve;
    });
  }

  private async reach(): Promise<void> {
    const { held, tool, shows, name } = this.step;
    const isFirst = this.isHeld;
    if (!isFirst) this.release();
    if (name === "idle") return void (await this.toItsEnd());
    if (tool || (held !== undefined && held.request > 0)) {
      await this.shows("Run count.write?");
      this.terminal.press("y");
    }
    if (held !== undefined) await this.until(`held at: ${name}`, () => this.isHeld);
    if (tool) await this.until("the tool runs", () => this.runs("write") === 1);
    await this.shows(shows);
  }

  // --- the kill ----------------------------------------------------------------------------------------------------------

  private async kill(victim: Victim): Promise<void> {
    if (victim === "the model") return this.model.cut();
    if (victim === "kill -9") return this.killProgram();
    if (victim === "a server") {
      const servers = serversSchema.parse(await askRunningApp(this.control, { method: "servers" }));
      return void process.kill(servers.find(({ name }) => name === "count")?.pid ?? 0, "SIGKILL");
    }
    const isTyped = victim === "TUI" && this.step.name !== "waiting for a yes";
    if (isTyped) {
      this.terminal.type(DRAFT);
      await this.shows(DRAFT);
    }
    await askRunningApp(this.control, { method: "kill", process: await this.idOf(victim) });
    if (victim !== "TUI") return;
    await this.shows("the screen was restarted; nothing is lost");
    if (!isTyped) return;
    await this.shows(DRAFT);
    this.terminal.press("C-u");
    await this.until("the line is empty", () => !this.terminal.screen().includes(DRAFT));
  }

  private async idOf(behaviour: Victim): Promise<string> {
    const tree = treeSchema.parse(await askRunningApp(this.control, { method: "tree" }));
    const find = (node: Node): Node | undefined =>
      node.behaviour === behaviour ? node : (node.children ?? []).map(find).find((found) => found !== undefined);
    const found = find(tree);
    if (found === undefined) throw new Error(`there is no ${behaviour} to kill`);
    return found.id;
  }

  private async killProgram(): Promise<void> {
    const [app] = appSockets(this.control);
    if (app === undefined) throw new Error("the program does not run");
    process.kill(app.pid, "SIGKILL");
    await this.until("it has ended", () => !isAlive(app.pid));
    // Nobody who is killed this way puts the terminal back.
    this.terminal.type("stty sane; clear");
    this.terminal.press("C-j");
    await this.until("the shell is back", () => this.terminal.screen().trim() === "$");
    this.release(); // the one that held the dead one's answer
    rmSync(this.gate, { force: true });
    this.terminal.enter(`${process.execPath} ${cli} --resume`);
    await this.shows("Going on with the conversation");
  }

  // --- to its end --------------------------------------------------------------------------------------------------------

  private async toItsEnd(): Promise<void> {
    await this.until("the conversation is at its end", async () => {
      const screen = this.terminal.screen();
      const question = /Run count\.\w+( again)?\?/.exec(screen);
      if (question !== null) {
        if (question[1] !== undefined) this.asked++;
        this.terminal.press("y");
        await this.until("the question is answered", () => !this.terminal.screen().includes(question[0]));
      }
      return screen.includes(ANSWERS[2]) && !screen.includes("Esc stops");
    });
  }

  private async exported(): Promise<string> {
    const file = join(this.folder, "transcript.json");
    this.terminal.enter(`/export json ${file}`);
    await this.until("it is exported", () => existsSync(file));
    const { messages } = exportSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    const said = messages.map(({ id: _, at: __, durationMs: ___, ...rest }) => rest);
    return JSON.stringify(said, null, 1);
  }

  /** What the tools and the screen show of it. */
  private look(): void {
    const { step, victim, asked, problems } = this;
    if (this.runs("write") > 1 + asked) problems.push(`write ran ${this.runs("write")} times, asked ${asked} times`);
    const mayAsk = victim !== undefined && step.tool === true && (takesTheTurn(step, victim) || victim === "a server");
    if (asked !== (mayAsk ? 1 : 0)) problems.push(`asked ${asked} times whether to run it again`);
    const shown = this.terminal.everything();
    const told = shown.match(RECOVERED)?.length ?? 0;
    const isTold = victim !== undefined && takesTheTurn(step, victim);
    if (told !== (isTold ? 1 : 0)) problems.push(`told ${told} times what was recovered`);
    if (victim === "kill -9") return; // what was on the screen is painted again
    for (const text of [...ANSWERS, ...MESSAGES.map((said) => `› ${said}`)]) {
      const times = shown.split(text).length - 1;
      if (times !== 1) problems.push(`the screen shows ${times} times: ${text}`);
    }
  }

  private runs(tool: string): number {
    const file = join(this.folder, `${tool}.runs`);
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
  }

  private shows(text: string): Promise<void> {
    return this.until(`the screen shows ${text}`, () => this.terminal.screen().includes(text));
  }

  private async until(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + LONGEST_MS;
    while (!(await probe())) {
      if (performance.now() > deadline) throw new Error(`never: ${what}\n${this.terminal.everything().trimEnd()}`);
      await pause(20);
    }
  }
}
