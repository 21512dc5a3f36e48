import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    globalSetup: "test/support/build-all.ts",
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
