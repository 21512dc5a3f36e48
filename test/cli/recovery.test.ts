import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import type { StoredMessage } from "../../src/actors/session/message.js";
import { hold } from "../../src/actors/store/held.js";
import { banyan, bare, isAlive, type Place, root, startBanyan } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { startModelServer } from "../support/model-server.js";

const hostile = join(root, "test", "support", "hostile-server.mjs");

function stubbornServer(pids: string): string {
  const args = JSON.stringify([hostile, "--stubborn", "--grandchild", `--pids=${pids}`]);
  return `[[servers]]\nname = "stubborn"\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${args}\n`;
}

function storedMessages({ home }: Place): StoredMessage[] {
  const db = hold(new Database(join(home, "data", "banyan.db"), { readonly: true }));
  const rows = hold(db.prepare("SELECT body FROM messages ORDER BY position")).all() as { body: string }[];
  db.close();
  return rows.map(({ body }) => JSON.parse(body) as StoredMessage);
}

describe("kill -9 of the whole app in the middle of an answer", () => {
  it("leaves every message that was shown, the half answer marked, and no server behind, however stubborn", async () => {
    const model = await startModelServer();
    onTestFinished(() => model.close());
    const folder = temporaryHome();
    const pids = join(folder, "pids.json");
    const here = bare(
      folder,
      `model = "openai:m"\n[providers.openai]\nbase_url = "${model.baseUrl}"\n${stubbornServer(pids)}`,
    );
    here.env.OPENAI_API_KEY = "k";

    model.enqueue({ text: "First answer." });
    expect((await banyan(here, ["-p", "first question"])).code).toBe(0);

    model.enqueue({ text: `${"word ".repeat(200)}`, deltas: 200, paceMs: 20 });
    const app = startBanyan(here, ["-p", "second question", "--resume"]);
    app.stdin.end();
    let shown = "";
    while (shown.length < 100) shown += String((await once(app.stdout, "data"))[0]);
    const serverPids = JSON.parse(readFileSync(pids, "utf8")) as Record<string, number>;
    expect(Object.values(serverPids).every(isAlive)).toBe(true);
    app.kill("SIGKILL");
    await once(app, "close");
    await expect.poll(() => Object.values(serverPids).filter(isAlive)).toEqual([]);

    const kept = storedMessages(here);
    expect(kept.map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant"]);
    const half = kept[3];
    expect(half?.role === "assistant" && half.text.startsWith("word ")).toBe(true);

    model.enqueue({ text: "Third answer." });
    const { code, stderr } = await banyan(here, ["-p", "third question", "--resume"]);
    expect(code).toBe(0);
    expect(stderr).toContain("Recovered after an interruption: an answer was cut off");
    expect(storedMessages(here).map(({ status }) => status)).toEqual([
      "complete",
      "complete",
      "complete",
      "interrupted",
      "complete",
      "complete",
    ]);
    const told = model.requests
      .at(-1)
      ?.body?.messages.map(({ role, content }) => `${role}: ${String(content).slice(0, 14)}`);
    expect(told).toEqual([
      expect.stringMatching(/^system/),
      "user: first question",
      "assistant: First answer.",
      "user: second questio",
      expect.stringMatching(/^assistant: word /), // as far as it was kept
      "user: third question",
    ]);
  });
});

describe("signals", () => {
  it("SIGTERM stops the tree in order, leaves no server behind and no socket", async () => {
    const folder = temporaryHome();
    const pids = join(folder, "pids.json");
    const model = await startModelServer();
    onTestFinished(() => model.close());
    const here = bare(
      folder,
      `model = "openai:m"\n[providers.openai]\nbase_url = "${model.baseUrl}"\n${stubbornServer(pids)}`,
    );
    here.env.OPENAI_API_KEY = "k";
    model.enqueue({ text: "a b c d e f g h", deltas: 8, paceMs: 1_000 });
    const app = startBanyan(here, ["-p", "question"]);
    app.stdin.end();
    await once(app.stdout, "data");
    const serverPids = JSON.parse(readFileSync(pids, "utf8")) as Record<string, number>;
    app.kill("SIGTERM");
    const [code] = await once(app, "close");
    expect(code).toBe(143);
    // Killed before the app ended; whoever inherited a grandchild may take a moment to bury it.
    await expect.poll(() => Object.values(serverPids).filter(isAlive)).toEqual([]);
    expect(existsSync(join(here.home, "state", "run", `${app.pid}.sock`))).toBe(false);
    expect(storedMessages(here).at(-1)).toMatchObject({ role: "assistant" });
  });

  it("banyan tree shows the running app and says so when there is none", async () => {
    const model = await startModelServer();
    onTestFinished(() => model.close());
    const here = bare(temporaryHome(), `model = "openai:m"\n[providers.openai]\nbase_url = "${model.baseUrl}"\n`);
    here.env.OPENAI_API_KEY = "k";
    const none = await banyan(here, ["tree"]);
    expect(none).toMatchObject({ code: 4, stderr: expect.stringContaining("No Banyan is running here") });

    model.enqueue({ text: "a b c d e f g h", deltas: 8, paceMs: 1_000 });
    const app = startBanyan(here, ["-p", "question"]);
    app.stdin.end();
    await once(app.stdout, "data");
    const { code, stdout } = await banyan(here, ["tree", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: "Application", strategy: "one_for_one", status: "running" });
    expect((await banyan(here, ["tree"])).stdout).toMatch(/├─ Session +<\d+> +running/);
    app.kill("SIGTERM");
    await once(app, "close");
  });
});
