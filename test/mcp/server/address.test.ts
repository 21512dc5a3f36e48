import { describe, expect, it } from "vitest";
import { addressFrom, isLoopback, urlOf } from "../../../src/mcp/server/address.js";

const standard = { host: "127.0.0.1", port: 3700 };

describe("where Banyan listens", () => {
  it.each([
    ["127.0.0.1:3001", "http://127.0.0.1:3001"],
    ["3001", "http://127.0.0.1:3001"],
    [":3001", "http://127.0.0.1:3001"],
    ["localhost:0", "http://localhost:0"],
    ["localhost", "http://localhost:3700"],
    ["127.1.2.3", "http://127.1.2.3:3700"],
    ["[::1]:3001", "http://[::1]:3001"],
    ["[::1]", "http://[::1]:3700"],
    ["0.0.0.0", "http://0.0.0.0:3700"],
    ["tools.example.com:80", "http://tools.example.com:80"],
  ])("is understood from %s", (written, url) => {
    expect(urlOf(addressFrom(written, standard))).toBe(url);
  });

  it.each(["", "127.0.0.1:99999", "a:b:c", "http://127.0.0.1:3700"])("is not guessed from %j", (written) => {
    expect(() => addressFrom(written, standard)).toThrow(/no address/);
  });

  it("knows this machine's own names from names that look like them", () => {
    for (const host of ["localhost", "LOCALHOST", "127.0.0.1", "127.255.0.9", "::1", "[::1]"])
      expect(isLoopback(host)).toBe(true);
    for (const host of ["localhost.example", "127.0.0.1.nip.io", "0.0.0.0", "::", "127.evil", "10.0.0.1", ""])
      expect(isLoopback(host)).toBe(false);
  });
});
