import { expect, it, vi } from "vitest";
import { reportFailure } from "../../src/cli/failure.js";

it("names the mend of what SQLite refuses", () => {
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const code = reportFailure(Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" }), false);
  const text = String(said.mock.calls[0]?.[0]);
  said.mockRestore();
  expect(code).toBe(1);
  expect(text).toBe("banyan: The database cannot be used: the disk is full; make room and say it again.\n");
});
