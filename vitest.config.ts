import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const covered = process.argv.includes("--coverage");

export default defineConfig({
  // Examples import the package by its name, as its users do.
  resolve: {
    alias: {
      "banyan/host": new URL("src/host.ts", import.meta.url).pathname,
      banyan: new URL("src/supervision/index.ts", import.meta.url).pathname,
    },
  },
  test: {
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    globalSetup: "test/support/build-all.ts",
    setupFiles: covered ? ["test/support/cover-children.ts"] : [],
    // scripts/coverage.mjs adds what the processes that tests start have run.
    coverage: {
      provider: "v8",
      include: ["src/**/*.{ts,tsx}"],
      reporter: ["json"],
      reportsDirectory: "coverage/tests",
      reportOnFailure: true,
    },
    // Most tests wait for real processes, so two files a core run at a time.
    maxWorkers: 2 * availableParallelism(),
    // Polls wait for an event the operating system does not tell; how long that takes depends on the machine.
    expect: { poll: { timeout: 100_000 } },
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
