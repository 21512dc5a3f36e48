import { describe, expect, it } from "vitest";
import { Chain, type ChainMember } from "../../src/supervision/chain.js";

class Member implements ChainMember<Member> {
  chain: object | undefined = undefined;
  older: Member | undefined = undefined;
  younger: Member | undefined = undefined;
  constructor(readonly name: string) {}
}

function chainOf(names: string): { chain: Chain<Member>; members: Member[]; order: () => string } {
  const chain = new Chain<Member>();
  const members = Array.from(names, (name) => new Member(name));
  for (const member of members) chain.add(member);
  return { chain, members, order: () => Array.from(chain, ({ name }) => name).join("") };
}

describe("a chain", () => {
  it("keeps the order of joining whoever leaves, first, last or between", () => {
    for (const leaver of "abcd") {
      const { chain, members, order } = chainOf("abcd");
      for (const member of members) if (member.name === leaver) expect(chain.delete(member)).toBe(true);
      expect(order()).toBe("abcd".replace(leaver, ""));
      expect(chain.size).toBe(3);
    }
  });

  it("takes a member once, and again after it has left, as the youngest", () => {
    const { chain, members, order } = chainOf("abc");
    for (const member of members) chain.add(member);
    expect(order()).toBe("abc");
    const oldest = chain.shift();
    expect(oldest?.name).toBe("a");
    if (oldest !== undefined) chain.add(oldest);
    expect(order()).toBe("bca");
  });

  it("lets nobody leave who is in another chain or in none", () => {
    const { chain, order } = chainOf("ab");
    const { chain: other, members } = chainOf("c");
    for (const member of members) expect([chain.has(member), chain.delete(member)]).toEqual([false, false]);
    expect([order(), other.size]).toEqual(["ab", 1]);
  });

  it("is empty once cleared, and so are its members' links to each other", () => {
    const { chain, members, order } = chainOf("abc");
    chain.clear();
    expect([order(), chain.size, chain.shift()]).toEqual(["", 0, undefined]);
    for (const { chain: left, older, younger } of members)
      expect([left, older, younger]).toEqual([undefined, undefined, undefined]);
  });
});
