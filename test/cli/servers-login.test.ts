import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { banyan, bare, type Place, startBanyan } from "../support/banyan.js";
import { browse, GuardedServer } from "../support/guarded-server.js";
import { temporaryHome } from "../support/home.js";
import { startModelServer } from "../support/model-server.js";

/** Each look is a program of its own. */
const SLOWLY = { timeout: 60_000 };

async function setUp(more = "") {
  const server = await GuardedServer.start();
  onTestFinished(() => server.stop());
  const block = `[[servers]]\nname = "notes"\nurl = "${server.url.href}"\n${more}\n`;
  return { server, here: bare(temporaryHome(), `model = "offline"\n${block}`), block };
}

/** Runs `banyan servers login` with a user who opens the address it shows. */
async function logIn(here: Place) {
  const child = startBanyan(here, ["servers", "login", "notes"]);
  const out = { stdout: "", stderr: "" };
  child.stdin.end();
  child.stdout.setEncoding("utf8").on("data", (part: string) => void (out.stdout += part));
  const shown = new Promise<string>((resolve) => {
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      out.stderr += part;
      const address = /^ {2}(http\S+)$/m.exec(out.stderr)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  const ended = once(child, "close");
  const address = await Promise.race([shown, ended]);
  if (typeof address === "string") await browse(address);
  const [code] = await ended;
  return { code, ...out };
}

function everyFile(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test("a server that wants a sign-in says so, is signed in to while the app runs, and forgets it again", async () => {
  const model = await startModelServer();
  onTestFinished(() => model.close());
  const { server, block } = await setUp();
  const here = bare(temporaryHome(), `model = "openai:m"\n[providers.openai]\nbase_url = "${model.baseUrl}"\n${block}`);
  here.env.OPENAI_API_KEY = "k";
  model.enqueue({ text: "a ".repeat(600), deltas: 600, paceMs: 500 });
  const app = startBanyan(here, ["-p", "question", "--yes"]);
  let warned = "";
  app.stderr.setEncoding("utf8").on("data", (part: string) => void (warned += part));
  app.stdin.end();
  await once(app.stdout, "data");
  const status = async () => JSON.parse((await banyan(here, ["servers", "status", "notes", "--json"])).stdout);

  await expect.poll(status, SLOWLY).toMatchObject({
    state: "parked",
    reason: "it needs you to sign in: banyan servers login notes",
  });
  await expect.poll(() => warned, SLOWLY).toContain("banyan servers login notes");
  expect(await logIn(here)).toMatchObject({
    code: 0,
    stdout: "You are signed in to notes; in the running app it is ready.\n",
  });
  expect(await banyan(here, ["tools", "call", "notes.whoami"])).toMatchObject({ code: 0, stdout: "you\n" });

  server.forgetAccess();
  server.forgetRefresh();
  const revoked = await banyan(here, ["tools", "call", "notes.whoami"]);
  expect(revoked).toMatchObject({ code: 1, stdout: "" });
  expect(revoked.stderr).toMatch(/needs you to sign in \(the sign-in has ended: .*\): banyan servers login notes$/m);
  await expect.poll(status, SLOWLY).toMatchObject({ state: "parked" });
  expect(await logIn(here)).toMatchObject({ code: 0 });
  const file = join(here.home, "data", "sign-ins", "notes.json");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { tokens } = JSON.parse(readFileSync(file, "utf8"));

  expect(await banyan(here, ["servers", "logout", "notes"])).toMatchObject({
    code: 0,
    stdout: "The sign-in to notes is forgotten.\n",
  });
  expect(existsSync(file)).toBe(false);
  expect(await status()).toMatchObject({ state: "parked" });
  app.kill("SIGTERM");
  await once(app, "close");

  for (const path of everyFile(here.home)) {
    const text = readFileSync(path, "latin1");
    for (const secret of [tokens.access, tokens.refresh]) expect(text.includes(secret), path).toBe(false);
  }
  const audit = JSON.parse((await banyan(here, ["audit", "list", "--json"])).stdout) as { action: string }[];
  expect(audit.map(({ action }) => action)).toEqual(expect.arrayContaining(["server.login", "server.logout"]));
});

test("a command on its own names the sign-in that is missing, says why one fails, and uses the one that was made", async () => {
  const { server, here } = await setUp();
  const before = await banyan(here, ["tools", "call", "notes.whoami"]);
  expect(before).toMatchObject({ code: 1, stdout: "" });
  expect(before.stderr).toContain("banyan servers login notes");
  expect((await banyan(here, ["doctor"])).stdout).toContain("needs you to sign in: banyan servers login notes");
  server.back = { code: undefined, error: "access_denied" };
  const refused = await logIn(here);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("the sign-in was refused: access_denied");
  server.back = {};
  expect(await logIn(here)).toMatchObject({ code: 0, stdout: "You are signed in to notes.\n" });
  expect(await banyan(here, ["tools", "call", "notes.whoami"])).toMatchObject({ code: 0, stdout: "you\n" });
});

test("what nobody can sign in to is told in one sentence", async () => {
  const { here } = await setUp(`headers = { Authorization = "Bearer \${env:HOME}" }`);
  const cases: [name: string, code: number, says: string][] = [
    ["notes", 2, "notes is signed in by the Authorization header of its settings"],
    ["gone", 1, "The server gone is not configured; see banyan servers list."],
  ];
  for (const [name, code, says] of cases) {
    const ran = await banyan(here, ["servers", "login", name]);
    expect(ran).toMatchObject({ code, stdout: "" });
    expect(ran.stderr).toContain(says);
  }
  expect(await banyan(here, ["servers", "logout", "notes"])).toMatchObject({
    code: 0,
    stdout: "There was no sign-in to notes.\n",
  });
});
