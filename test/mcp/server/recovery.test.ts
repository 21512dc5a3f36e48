import { createServer } from "node:net";
import { afterEach, expect, it } from "vitest";
import { names } from "../../../src/application.js";
import { type Application, exit, getState, treeOf, whichChildren } from "../../../src/supervision/index.js";
import { temporaryHome } from "../../support/home.js";
import { connect, startServed } from "./served.js";

const OWN = ["banyan.search_tools", "banyan.describe_tool", "banyan.call_tool", "banyan.health"];
const namesIn = ({ tools }: { readonly tools: readonly { readonly name: string }[] }) => tools.map(({ name }) => name);

let app: Application | undefined;
afterEach(() => app?.stop());

it("what listens is back at the same port after a crash, its clients are told to begin anew, and others' sessions go with it", async () => {
  const port = await freePort();
  const address = { host: "127.0.0.1", port };
  app = await startServed(temporaryHome(), "[bundled]\nhost = false\n[catalog]\nenabled = false\n", { address });
  const before = await connect();
  expect(namesIn(await before.listTools())).toEqual(OWN);
  for (let crash = 0; crash < 2; crash++) {
    const pid = treeOf(names.httpServer)?.id;
    exit(names.httpServer, "kill");
    await expect.poll(() => treeOf(names.httpServer)?.id).not.toBe(pid);
    const url = await names.httpServer.call.url();
    expect(url).toBe(`http://127.0.0.1:${port}`);
    // Connections of the one before are gone, and a client may have kept one.
    await expect.poll(() => fetch(`${url}/health/live`).then(({ status }) => status, String)).toBe(200);
  }
  await expect.poll(() => treeOf(names.clientSessions)?.children ?? []).toEqual([]);
  await expect.poll(() => before.listTools().catch(({ code }) => code)).toBe(404);
  const after = await connect();
  expect(namesIn(await after.listTools())).toEqual(OWN);
});

it("a session that crashes takes no other along", async () => {
  app = await startServed(temporaryHome(), "[bundled]\nhost = false\ndemo = true\n");
  const [one, other] = [await connect("one"), await connect("other")];
  const work = other.callTool({ name: "demo.slow", arguments: { seconds: 0.5 } });
  for (const { pid } of await whichChildren(names.clientSessions))
    if (typeof pid === "object" && JSON.stringify(await getState(pid)) === '{"client":"one"}') exit(pid, "kill");
  await expect.poll(() => treeOf(names.clientSessions)?.children?.map(({ label }) => label)).toEqual(["other 1"]);
  await expect(one.listTools()).rejects.toMatchObject({ code: 404 });
  expect((await work).content).toEqual([{ type: "text", text: "Worked for 0.5 s." }]);
});

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
