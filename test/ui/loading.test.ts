import { afterAll, expect, it, vi } from "vitest";
import { Draft } from "../../src/ui/draft.js";
import { Screen } from "../../src/ui/screen.js";
import { createTheme } from "../../src/ui/theme.js";
import { HeadlessTerminal } from "./support/headless.js";
import { snapshot } from "./support/samples.js";

// Before anything is imported, as in a shell of a container that sets it.
const before = vi.hoisted(() => {
  const { CI } = process.env;
  process.env.CI = "true";
  return CI;
});
afterAll(() => {
  if (before === undefined) delete process.env.CI;
  else process.env.CI = before;
});

it("the live part is drawn where CI is set too, and the environment stays as it was", async () => {
  const terminal = new HeadlessTerminal();
  const screen = new Screen({
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    theme: createTheme(),
    draft: new Draft(),
    actions: {
      submit: () => {},
      answer: () => {},
      complete: async () => [],
      cancel: () => {},
      takeBack: () => {},
      quit: () => {},
    },
    onError: () => {},
  });
  screen.start();
  screen.store.load(snapshot([]));
  await terminal.shows("Ask anything");
  screen.stop();
  expect(process.env.CI).toBe("true");
});
