import { describe, expect, it, onTestFinished } from "vitest";
import { cli, place } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { startModelServer } from "../support/model-server.js";
import { recorded } from "../support/recorded.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

describe.skipIf(!hasTmux)("recorded: the model's window (needs tmux)", () => {
  it("the meter, what fills it, a conversation that is summed up by hand, and how that looks on 40 columns", async () => {
    const model = await startModelServer();
    onTestFinished(() => model.close());
    const server = `base_url = "${model.baseUrl}"\ncontext_window = 16_000\n`;
    const here = place(
      temporaryHome(),
      `model = "openai:scripted-model"\n[bundled]\nhost = false\n[health]\nloop_delay_warn = "1h"\ngc_pause_warn = "1h"\n[providers.openai]\n${server}`,
    );
    here.env.OPENAI_API_KEY = "test-key";
    const terminal = new RealTerminal(here, 100, 30);
    const shows = (text: string) => expect.poll(() => terminal.screen()).toContain(text);
    terminal.enter(`clear; ${process.execPath} ${cli}`);
    await shows("ctx 0%");
    for (const [question, answer] of [
      ["how old can a banyan get?", "Several hundred years: the oldest are thought to be over five hundred."],
      ["and where is the largest?", "Thimmamma Marrimanu, in Andhra Pradesh, covers about two hectares."],
      ["what lives in it?", "Fig wasps, bats, birds and langurs. Without its own wasp it has no seed."],
    ] as const) {
      model.enqueue({ text: answer, usage: false });
      terminal.enter(question);
      await shows(answer.slice(-20));
      // What is typed before the turn has ended waits, and /compact does not.
      await expect.poll(() => terminal.screen()).not.toContain("Esc stops");
    }
    model.enqueue({
      text: "The user asks about banyans: up to 500 years old, the largest in Andhra Pradesh.",
      usage: false,
    });
    terminal.enter("/compact");
    await shows("everything said is still here");
    await recorded(terminal, "compacted");
    terminal.resize(40, 24);
    await expect.poll(() => terminal.screen()).toMatch(/^─{40}\n› Ask/m);
    terminal.enter("/context");
    await shows("All figures are estimates");
    await recorded(terminal, "context-on-40-columns");
  });
});
