// A throw-away home folder for tests that need real files.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export function temporaryHome(): string {
  const home = mkdtempSync(join(tmpdir(), "banyan-test-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  return home;
}
