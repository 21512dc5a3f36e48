// What a plugin keeps over a restart: at its end what its export `saveState()` (or `state`) gives, as JSON in a file, and in the
// process that follows a copy of it, for its export `onReload(oldState)`. Nothing else of the old process is seen by the new one.
// What fails here is told on stderr and keeps nothing from starting or ending.
import { readFileSync, rmSync, writeFileSync } from "node:fs";

const LARGEST = 4 * 1024 * 1024;
const RELOAD_MS = 5_000;

export class Handover {
  /** The plugin's exports, once it has been imported. */
  plugin: Readonly<Record<string, unknown>> | undefined;

  /** `file`: where it lies between the two; absent: nothing is kept. */
  constructor(private readonly file: string | undefined) {}

  /** What the one before has left; whoever takes it has it alone. */
  take(): { readonly state: unknown } | undefined {
    if (this.file === undefined) return undefined;
    try {
      const json = readFileSync(this.file, "utf8");
      rmSync(this.file, { force: true });
      return { state: JSON.parse(json) };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) tell("state that was left", error);
      return undefined;
    }
  }

  async reload(state: unknown): Promise<void> {
    const { onReload } = this.plugin ?? {};
    if (typeof onReload !== "function") return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`it took longer than ${RELOAD_MS / 1_000} s`)), RELOAD_MS);
    });
    try {
      await Promise.race([onReload(state), late]);
    } catch (error) {
      tell("onReload", error);
    }
    clearTimeout(timer);
  }

  async give(): Promise<void> {
    if (this.file === undefined || this.plugin === undefined) return;
    const { saveState, state } = this.plugin;
    if (saveState === undefined && state === undefined) return;
    try {
      const json = JSON.stringify(typeof saveState === "function" ? await saveState() : state);
      if (json === undefined) return;
      if (Buffer.byteLength(json) > LARGEST) throw new Error(`it has more than ${LARGEST / 1024 / 1024} MB as JSON`);
      writeFileSync(this.file, json, { mode: 0o600 });
    } catch (error) {
      tell("saveState", error);
    }
  }
}

function tell(what: string, error: unknown): void {
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(`plugin: ${what} failed, and nothing is handed over: ${why}\n`);
}
