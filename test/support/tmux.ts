// A real terminal: tmux on a server of its own, driven by keys and read as text.
import { spawnSync } from "node:child_process";
import type { Place } from "./banyan.js";
import { BUSY_MACHINE } from "./busy-machine.js";

export const hasTmux = spawnSync("tmux", ["-V"]).status === 0;

let sessions = 0;

export class Tmux {
  private readonly socket = `banyan-test-${process.pid}-${++sessions}`;

  /** Opens a shell of this size in the place's project, with the place's environment alone. */
  constructor({ cwd, env }: Place, columns = 100, rows = 40) {
    const all = { ...BUSY_MACHINE, ...env };
    const shell = ["env", "-i", ...Object.entries(all).map(([name, value]) => `${name}=${value}`), "PS1=$ ", "sh"];
    this.tmux("new-session", "-d", "-x", `${columns}`, "-y", `${rows}`, "-c", cwd, ...shell);
    this.tmux("set-option", "-g", "history-limit", "10000");
    // What is typed before the shell has its prompt is echoed twice.
    for (const since = Date.now(); !this.screen().startsWith("$"); pause(20)) {
      if (Date.now() - since > 100_000) throw new Error(`the shell never came up: ${this.screen()}`);
    }
  }

  /** Types text as it is. */
  type(text: string): void {
    this.tmux("send-keys", "-l", text);
  }

  /** Presses keys by tmux's names: `Enter`, `Escape`, `C-c`. */
  press(...keys: string[]): void {
    this.tmux("send-keys", ...keys);
  }

  enter(text: string): void {
    this.type(text);
    this.press("Enter");
  }

  /** Pastes text as a terminal does: marked as pasted where the program asked for that. */
  paste(text: string): void {
    this.tmux("set-buffer", "--", text);
    this.tmux("paste-buffer", "-p");
  }

  /** From now on a program that asks for it is told of Shift+Enter and its like. */
  passExtendedKeys(): void {
    this.tmux("set-option", "-s", "extended-keys", "on");
  }

  /** The cell the cursor stands in, from 0. */
  cursor(): { column: number; row: number } {
    const [column = "", row = ""] = this.tmux("display-message", "-p", "#{cursor_x} #{cursor_y}").split(" ");
    return { column: Number(column), row: Number(row) };
  }

  resize(columns: number, rows: number): void {
    this.tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  /** What the terminal shows now. */
  screen(): string {
    return this.tmux("capture-pane", "-p");
  }

  /** What it shows and all that was scrolled away. */
  everything(): string {
    return this.tmux("capture-pane", "-p", "-S", "-10000");
  }

  close(): void {
    this.tmux("kill-server");
  }

  private tmux(...args: string[]): string {
    const { stdout, stderr, status } = spawnSync("tmux", ["-L", this.socket, ...args], { encoding: "utf8" });
    if (status !== 0 && args[0] !== "kill-server") throw new Error(`tmux ${args[0]}: ${stderr}`);
    return stdout;
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
