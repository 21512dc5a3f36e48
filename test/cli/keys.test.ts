import { expect, it } from "vitest";
import { banyan, place } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";

it("banyan keys: a key is printed once and never told again, its life is recorded, and what is wrong is named", async () => {
  const here = place(temporaryHome());
  const keys = (...args: string[]) => banyan(here, ["keys", ...args]);
  const { code, stdout, stderr } = await keys("create", "ci", "--scope", "tools:git.*", "metrics", "--expires", "30d");
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^bny_[\w-]{43}\n$/)]);
  expect(stderr).toMatch(/^banyan: the key ci opens tools:git\.\*, metrics until 20.* this once, so keep it now\n$/);
  const [list, again, scope, expires, unknown] = await Promise.all([
    keys("list", "--json"),
    keys("create", "ci"),
    keys("create", "x", "--scope", "everything"),
    keys("create", "x", "--expires", "soon"),
    keys("revoke", "nobody"),
  ]);
  const [key] = JSON.parse(list.stdout);
  expect(key).toMatchObject({ name: "ci", scopes: ["tools:git.*", "metrics"], state: "valid", used: null });
  expect(Date.parse(key.expires) - Date.parse(key.created)).toBeGreaterThan(29 * 86_400_000);
  expect(list.stdout).not.toContain(stdout.trim());
  expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/There is a key ci; revoke it, or/) });
  for (const wrong of [scope, expires]) expect(wrong).toMatchObject({ code: 2, stdout: "" });
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining("banyan keys list shows what there is") });
  expect((await keys("revoke", "ci")).stdout).toBe("The key ci opens nothing any more.\n");
  const audit = await banyan(here, ["audit", "list"]);
  expect(audit.stdout).toMatch(/key\.create +ci .*\n.*key\.revoke +ci /);
});
