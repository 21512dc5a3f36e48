// A server's questions as its user meets them: in a real terminal, in the chat and in a command.
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { banyan, bare, cli, type Place, root } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

const hostile = join(root, "test", "support", "hostile-server.mjs");
const config = `[approvals]\nallow = ["asker.*"]\n[[servers]]\nname = "asker"\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([hostile])}\n`;
const LONG = { interval: 50 };

it("a form for a command without a terminal is declined, with a word on how to answer it", async () => {
  const { code, stdout, stderr } = await banyan(bare(temporaryHome(), config), [
    "tools",
    "call",
    "asker.ask",
    "message=name?",
  ]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ action: "decline" });
  expect(stderr).toContain('The server asker asks "name?"; run this in a terminal, or use the chat, to answer.');
});

/** Its browser writes down what it is to open. */
function withBrowser(here: Place): { readonly opened: () => string } {
  const [browser, file] = [join(here.home, "browser"), join(here.home, "opened")];
  writeFileSync(browser, `#!/bin/sh\nprintf %s "$1" > "${file}.part" && mv "${file}.part" "${file}"\n`);
  chmodSync(browser, 0o700);
  here.env.BROWSER = browser;
  return { opened: () => (existsSync(file) ? readFileSync(file, "utf8") : "") };
}

describe.skipIf(!hasTmux || process.platform !== "linux")("in a real terminal (needs tmux)", () => {
  it("a command asks the form of a server, field by field", async () => {
    const terminal = new RealTerminal(bare(temporaryHome(), config));
    await expect.poll(() => terminal.screen(), LONG).toContain("$");
    terminal.enter(`${process.execPath} ${cli} tools call asker.ask message=who`);
    await expect.poll(() => terminal.screen(), LONG).toMatch(/asker asks: who\nname \* >/);
    terminal.press("Enter");
    await expect.poll(() => terminal.screen(), LONG).toContain("! name is required");
    terminal.enter("Ada");
    await expect.poll(() => terminal.screen(), LONG).toContain('{"action":"accept","content":{"name":"Ada"}}');
  });

  it("the chat shows a web page whole, opens it after a yes as it was shown, and hands a sampled answer back", async () => {
    const here = bare(temporaryHome(), config);
    const { opened } = withBrowser(here);
    const terminal = new RealTerminal(here, 110, 40);
    await expect.poll(() => terminal.screen(), LONG).toContain("$");
    terminal.enter(`${process.execPath} ${cli}`);
    await expect.poll(() => terminal.screen(), LONG).toContain("Model: offline");
    const url = "https://example.org/in?next=$(id)&a='b'";
    terminal.enter(`asker.visit {"message":"sign in","elicitationId":"1","url":"${url}"}`);
    await expect
      .poll(() => terminal.screen(), LONG)
      .toContain("Open example.org in your browser for the server asker?");
    expect(terminal.screen()).toContain("https://example.org/in?next=$(id)&a=%27b%27");
    expect(terminal.screen()).not.toContain("Always");
    expect(opened()).toBe("");
    terminal.press("y");
    await expect.poll(opened, LONG).toBe("https://example.org/in?next=$(id)&a=%27b%27");
    await expect.poll(() => terminal.screen(), LONG).toContain('{"action":"accept"}');
    const prompt = [{ role: "user", content: { type: "text", text: "what are you?" } }];
    terminal.enter(`asker.sample ${JSON.stringify({ messages: prompt, maxTokens: 20 })}`);
    await expect.poll(() => terminal.screen(), LONG).toContain("Let the server asker ask offline?");
    expect(terminal.screen()).toContain('"what are you?"');
    expect(terminal.screen()).toContain("Always for this server now");
    terminal.press("y");
    await expect.poll(() => terminal.screen(), LONG).toContain("The server asker got this answer of the model:");
  });
});
