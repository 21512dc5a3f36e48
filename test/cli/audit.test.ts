import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { hold } from "../../src/actors/store/held.js";
import { banyan, bare, startBanyan } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { startModelServer } from "../support/model-server.js";

describe("banyan audit", () => {
  it("says in order what was granted and approved, on a database that a running app uses, and that it is whole", async () => {
    const model = await startModelServer();
    onTestFinished(() => model.close());
    const here = bare(temporaryHome(), `model = "openai:m"\n[providers.openai]\nbase_url = "${model.baseUrl}"\n`);
    here.env.OPENAI_API_KEY = "k";
    expect((await banyan(here, ["audit", "list"])).stdout).toBe("No privileged action has been recorded.\n");
    expect((await banyan(here, ["audit", "verify"])).stdout).toBe("The audit is whole: 0 rows.\n");

    mkdirSync(join(here.cwd, ".banyan"));
    writeFileSync(join(here.cwd, ".banyan", "config.toml"), "[chat]\nmax_steps = 3\n");
    expect((await banyan(here, ["config", "approve", "--yes"])).code).toBe(0);
    expect((await banyan(here, ["config", "set", "chat.max_steps", "many"])).code).toBe(3); // refused, so not recorded
    expect((await banyan(here, ["config", "set", "chat.max_steps", "7"])).code).toBe(0);
    model.enqueue({ text: "a b c d e f g h", deltas: 8, paceMs: 1_000 });
    const app = startBanyan(here, ["-p", "question", "--yes"]);
    app.stdin.end();
    await once(app.stdout, "data");

    const { code, stdout } = await banyan(here, ["audit", "list"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ {4}1 .*config\.approve .*config\.toml .*\n {4}2 .*config\.set +chat\.max_steps .*\n {4}3 .*run\.yes +\* .*\n$/,
    );
    const [newest] = JSON.parse((await banyan(here, ["audit", "list", "--limit", "1", "--json"])).stdout);
    expect(newest).toMatchObject({ seq: 3, action: "run.yes", detail: {} });
    expect((await banyan(here, ["audit", "verify"])).stdout).toBe(
      `The audit is whole: 3 rows; the last has the hash ${newest.hash}.\n`,
    );
    app.kill("SIGTERM");
    await once(app, "close");

    const db = hold(new Database(join(here.home, "data", "banyan.db")));
    db.exec("DROP TRIGGER audit_is_not_changed; UPDATE audit SET action = 'run.allow' WHERE seq = 3");
    db.close();
    const broken = await banyan(here, ["audit", "verify"]);
    expect(broken).toMatchObject({ code: 1, stdout: "" });
    expect(broken.stderr).toMatch(
      /^banyan: The audit is broken at row 3 \(run\.allow \*, .*it was changed after.*\.\n$/,
    );
    const told = await banyan(here, ["audit", "verify", "--json"]);
    expect(told.code).toBe(1);
    expect(JSON.parse(told.stdout)).toMatchObject({ ok: false, rows: 2, broken: { seq: 3 } });
  });

  it("refuses a limit that is none and a file that is no database, each in one sentence", async () => {
    const here = bare(temporaryHome());
    expect(await banyan(here, ["audit", "list", "--limit", "0"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("whole number from 1 to 100000"),
    });
    mkdirSync(join(here.home, "data"), { recursive: true });
    writeFileSync(join(here.home, "data", "banyan.db"), "no database ".repeat(500));
    for (const command of ["list", "verify"]) {
      const { code, stderr } = await banyan(here, ["audit", command]);
      expect([code, stderr.trim().split("\n").length]).toEqual([1, 1]);
      expect(stderr).toContain("banyan.db cannot be read");
    }
  });
});
