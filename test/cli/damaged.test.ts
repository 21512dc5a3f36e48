// A database that was damaged between two runs of banyan serve: put right from its backup at the start, said so, and served as before.
import { once } from "node:events";
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { place, startBanyan } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";

const damages: Readonly<Record<string, (file: string) => void>> = {
  truncated: (file) => truncateSync(file, Math.floor(statSync(file).size / 2)),
  "bit-flipped": (file) => {
    const disk = openSync(file, "r+");
    writeSync(disk, Buffer.alloc(64, 0xa5), 0, 64, 16);
    closeSync(disk);
  },
  "replaced by text": (file) => writeFileSync(file, "a letter, and no database\n".repeat(500)),
};

it("a database that was truncated, bit-flipped or replaced comes back from its backup, which is said, and all is served", async () => {
  const here = place(temporaryHome(), "[bundled]\nhost = false\n");
  const data = join(here.home, "data");
  const file = join(data, "banyan.db");
  /** Runs a server until `work` is done, which begins once the notice is there. */
  const served = async (
    work: (ask: (method: string, params: object) => Promise<unknown>) => Promise<void>,
    notice = /^/,
  ) => {
    const program = startBanyan(here, ["serve", "--http", "127.0.0.1:0"]);
    const ended = once(program, "close");
    onTestFinished(() => void program.kill("SIGKILL"));
    let said = "";
    program.stderr.setEncoding("utf8").on("data", (part: string) => (said += part));
    const listening = /listening on (http:\/\/\S+)\/mcp\n/;
    await expect.poll(() => said).toMatch(listening);
    const url = listening.exec(said)?.[1] ?? "";
    await expect.poll(() => said).toMatch(notice);
    await work(async (method, params) => {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
      return ((await (await fetch(url, { method: "POST", headers, body })).json()) as { result: unknown }).result;
    });
    program.kill("SIGTERM");
    await ended;
  };
  const goal = "add a login to an api";
  await served(async (ask) => void (await ask("storePattern", { goal, agent_sequence: ["architect", "builder"] })));
  // Whole, since nobody has it open any more.
  mkdirSync(join(data, "backups"), { recursive: true });
  copyFileSync(file, join(data, "backups", `banyan-${new Date().toISOString().slice(0, 10)}.db`));
  for (const [at, [kind, damage]] of Object.entries(damages).entries()) {
    damage(file);
    await served(async (ask) => {
      const { matches } = (await ask("queryPattern", { goal })) as { matches: { pattern: { goal: string } }[] };
      expect([kind, matches.map(({ pattern }) => pattern.goal)]).toEqual([kind, [goal]]);
      expect(await ask("storePattern", { goal: kind, agent_sequence: ["a"] })).toHaveProperty("id");
    }, /was damaged \(.*\); it now lies at .* took its place/);
    expect(readdirSync(data).filter((name) => /^banyan\.db\.broken-[^.]*$/.test(name))).toHaveLength(at + 1);
  }
}, 120_000);
