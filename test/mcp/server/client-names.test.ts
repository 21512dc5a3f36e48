import { describe, expect, it } from "vitest";
import type { Prefix } from "../../../src/mcp/client/mcp-types.js";
import { exposed, meant, nameNews } from "../../../src/mcp/server/client-names.js";

const item = (server: string, ownName: string, prefix?: Prefix) => ({
  ...{ name: `${server}.${ownName}`, server, ownName },
  ...(prefix === undefined ? {} : { prefix }),
});
const namesOf = (list: readonly ReturnType<typeof item>[], otherwise: Prefix) =>
  exposed(list, otherwise).items.map(({ name }) => name);

describe("the names clients know tools by", () => {
  const two = [item("a", "read"), item("a", "only"), item("b", "read")];

  it("are server.name unless the settings say otherwise", () => {
    expect(namesOf(two, "always")).toEqual(["a.read", "a.only", "b.read"]);
  });

  it("are plain with on_conflict where no other server has the same", () => {
    expect(namesOf(two, "on_conflict")).toEqual(["a.read", "only", "b.read"]);
  });

  it("are plain with never, but for the second that has one, which is said once", () => {
    expect(namesOf(two, "never")).toEqual(["read", "only", "b.read"]);
    const all = exposed(two, "never");
    expect(nameNews(all)).toMatch(/b\.read/);
    expect(nameNews(all)).toBeUndefined();
  });

  it("are what each server's own setting says, before that for all", () => {
    const mixed = [item("a", "read", "on_conflict"), item("b", "read", "never"), item("c", "read"), item("d", "write")];
    expect(namesOf(mixed, "always")).toEqual(["a.read", "read", "c.read", "d.write"]);
  });

  it("are never plain where that would read as another server's", () => {
    const sly = [item("bank", "pay"), item("evil", "bank.pay", "never"), item("evil", "bank__pay", "never")];
    expect(namesOf(sly, "always")).toEqual(["bank.pay", "evil.bank.pay", "evil.bank__pay"]);
    for (const said of ["bank.pay", "bank__pay"]) expect(meant(sly, said, "always")?.server).toBe("bank");
  });

  it("lead back to the tool, as does server.name in any case, with or without the dot", () => {
    expect(meant(two, "read", "never")?.name).toBe("a.read");
    expect(meant(two, "b.read", "never")?.name).toBe("b.read");
    expect(meant(two, "a__read", "never")?.name).toBe("a.read");
    expect(meant(two, "read", "always")).toBeUndefined();
  });
});
