import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { redact } from "../../../../src/actors/telemetry/redact.js";
import { CredentialFile } from "../../../../src/mcp/client/oauth/credentials.js";
import { temporaryHome } from "../../../support/home.js";

const server = new URL("https://notes.example/mcp");

test.skipIf(process.platform === "win32")(
  "only the owner can read the file and its folder, also one made wider by hand",
  async () => {
    const folder = join(temporaryHome(), "sign-ins");
    mkdirSync(folder, { mode: 0o755 });
    chmodSync(folder, 0o755);
    await new CredentialFile(folder, "notes", server).update((before) => ({ ...before, tokens: { access: "a" } }));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, "notes.json")).mode & 0o777).toBe(0o600);
  },
);

test("another address under the same name gets none of the tokens", async () => {
  const folder = temporaryHome();
  await new CredentialFile(folder, "notes", server).update((before) => ({ ...before, tokens: { access: "a" } }));
  const other = new CredentialFile(folder, "notes", new URL("https://other.example/mcp"));
  expect(other.read()).toEqual({ server: "https://other.example/mcp" });
});

test("a file nobody understands counts as none", () => {
  const folder = temporaryHome();
  writeFileSync(join(folder, "notes.json"), '{"tokens": 3');
  expect(new CredentialFile(folder, "notes", server).read()).toEqual({ server: server.href });
});

test("no log shows the tokens in force; those replaced do not fill the memory for ever", async () => {
  const credentials = new CredentialFile(temporaryHome(), "notes", server);
  await credentials.update((before) => ({ ...before, tokens: { access: "first-token", refresh: "lasting-one" } }));
  expect(redact("first-token and lasting-one")).toBe("(hidden) and (hidden)");
  await credentials.update((before) => ({ ...before, tokens: { access: "second-token", refresh: "lasting-one" } }));
  expect(redact("first-token, second-token and lasting-one")).toBe("first-token, (hidden) and (hidden)");
});

test("logging out leaves nothing of the tokens", async () => {
  const folder = temporaryHome();
  const credentials = new CredentialFile(folder, "notes", server);
  expect(await CredentialFile.forget(folder, "notes")).toBe(false);
  await credentials.update((before) => ({ ...before, tokens: { access: "a" } }));
  expect(await CredentialFile.forget(folder, "notes")).toBe(true);
  expect(existsSync(join(folder, "notes.json"))).toBe(false);
});

test("a program killed in the middle of writing leaves the old tokens or the new ones", async () => {
  const folder = temporaryHome();
  const module = pathToFileURL(join(import.meta.dirname, "../../../../dist/mcp/client/oauth/credentials.js")).href;
  const writer = `
    import { CredentialFile } from ${JSON.stringify(module)};
    const credentials = new CredentialFile(${JSON.stringify(folder)}, "notes", new URL(${JSON.stringify(server.href)}));
    for (let n = 0; ; n++) {
      await credentials.update((before) => ({ ...before, tokens: { access: \`\${n}:\` + "x".repeat(200_000) } }));
      console.log(n);
    }`;
  for (let kill = 0; kill < 3; kill++) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", writer], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout });
    let acknowledged = -1;
    for await (const line of lines) {
      acknowledged = Number(line);
      if (acknowledged === 3 + kill) child.kill("SIGKILL");
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    const [count, rest] = new CredentialFile(folder, "notes", server).read().tokens?.access.split(":") ?? [];
    expect(rest).toHaveLength(200_000);
    expect(Number(count)).toBeGreaterThanOrEqual(acknowledged);
    expect(Number(count)).toBeLessThanOrEqual(acknowledged + 1);
    expect(() => JSON.parse(readFileSync(join(folder, "notes.json"), "utf8"))).not.toThrow();
  }
});
