import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { mayName, reachOf } from "../../../../src/mcp/client/oauth/address-reach.js";
import { GuardedFetch } from "../../../../src/mcp/client/oauth/guarded-fetch.js";

test.each([
  ["127.0.0.1", "loopback"],
  ["127.8.9.10", "loopback"],
  ["::1", "loopback"],
  ["::ffff:127.0.0.1", "loopback"],
  ["::ffff:7f00:1", "loopback"],
  ["10.1.2.3", "private"],
  ["172.31.255.255", "private"],
  ["172.32.0.0", "public"],
  ["192.168.1.1", "private"],
  ["100.64.0.1", "private"],
  ["fd00::1", "private"],
  ["::ffff:10.0.0.1", "private"],
  ["169.254.169.254", "link-local"],
  ["fe80::1", "link-local"],
  ["0.0.0.0", "reserved"],
  ["::", "reserved"],
  ["224.0.0.1", "reserved"],
  ["255.255.255.255", "reserved"],
  ["64:ff9b::7f00:1", "reserved"],
  ["2002:7f00:1::", "reserved"],
  ["ff02::1", "reserved"],
  ["8.8.8.8", "public"],
  ["2606:4700::1111", "public"],
  ["no address", "reserved"],
])("the address %s is %s", (address, reach) => {
  expect(reachOf(address)).toBe(reach);
});

test("a server may name what it can reach itself, and nothing nearer", () => {
  expect(mayName("public", "public")).toBe(true);
  for (const near of ["private", "link-local", "loopback", "reserved"] as const)
    expect(mayName("public", near)).toBe(false);
  expect(mayName("private", "private")).toBe(true);
  expect(mayName("private", "loopback")).toBe(false);
  expect(mayName("loopback", "private")).toBe(true);
  expect(mayName("loopback", "link-local")).toBe(false);
  expect(mayName("loopback", "reserved")).toBe(false);
});

const far = new URL("https://8.8.8.8/mcp");

test.each([
  ["https://10.0.0.1/", /is a private address and the server itself is not there/],
  ["https://[::ffff:10.0.0.1]/", /is a private address/],
  ["https://0x7f.1/", /is a loopback address/],
  ["https://2130706433/", /is a loopback address/],
  ["https://localhost/", /is a loopback address/],
  ["http://localhost/", /is a loopback address/],
  ["https://169.254.169.254/latest/meta-data", /is a link-local address/],
  ["https://0.0.0.0/", /is a reserved address/],
  ["http://8.8.4.4/", /is not https/],
  ["https://user:word@8.8.4.4/", /carries a password/],
  ["file:///etc/passwd", /is not https/],
  ["javascript:alert(1)", /is not https/],
  ["nonsense", /is no address/],
])("a server elsewhere may not name %s", async (address, said) => {
  await expect(new GuardedFetch(far).fetch(address)).rejects.toThrow(said);
});

async function serving(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => new Promise<void>((done) => server.close(() => done())));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`); // it listens on a port
}

test("a redirect is followed to where the server may point, and is checked like any other address", async () => {
  const url = await serving(({ url }, response) => {
    const to = { "/here": "/there", "/inside": "https://169.254.169.254/" }[url ?? ""];
    response.writeHead(to === undefined ? 200 : 302, to === undefined ? {} : { location: to }).end(`at ${url}`);
  });
  const guarded = new GuardedFetch(url);
  expect(await guarded.fetch(new URL("/here", url))).toMatchObject({ status: 200, text: "at /there" });
  await expect(guarded.fetch(new URL("/inside", url))).rejects.toThrow(/is a link-local address/);
});

test("redirects in a circle end", async () => {
  const url = await serving((_, response) => response.writeHead(302, { location: "/again" }).end());
  await expect(new GuardedFetch(url).fetch(url)).rejects.toThrow(/redirect, which is not followed/);
});

test("an answer without an end is cut off", async () => {
  const url = await serving((_, response) => {
    const more = (): void => void response.write("x".repeat(65_536), (error) => (error ? undefined : more()));
    more();
  });
  await expect(new GuardedFetch(url).fetch(url)).rejects.toThrow(/with more than 262144 bytes/);
});

test("nobody at the address may be there later", async () => {
  const url = await serving(() => {});
  const gone = new URL(url);
  gone.port = "1";
  await expect(new GuardedFetch(url).fetch(gone)).rejects.toMatchObject({ code: "sign_in_failed", permanent: false });
});
