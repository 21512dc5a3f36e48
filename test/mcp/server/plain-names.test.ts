import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { root } from "../../support/banyan.js";
import { temporaryHome } from "../../support/home.js";
import { connect, startServed } from "./served.js";

const changing = join(root, "test", "support", "changing-server.mjs");
const server = (name: string): string =>
  `[[servers]]\nname = "${name}"\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([changing])}\n`;

it("with prefixes on conflict alone, what is one server's is asked for by its plain name, from the first request on", async () => {
  const settings = `[bundled]\nhost = false\ndemo = true\n[server]\nprefix = "on_conflict"\n${server("one")}${server("two")}`;
  const app = await startServed(temporaryHome(), settings);
  onTestFinished(() => app.stop());
  const client = await connect();
  const haiku = await client.getPrompt({ name: "haiku", arguments: { topic: "snow" } });
  expect(JSON.stringify(haiku)).toContain("haiku about snow");
  const names = (await client.listTools()).tools.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["slow", "one.asked", "two.asked"]));
  for (const name of ["slow", "demo.slow", "demo__slow"]) {
    const { content } = await client.callTool({ name, arguments: { seconds: 0.1 } });
    expect(content).toEqual([{ type: "text", text: "Worked for 0.1 s." }]);
  }
  await expect(client.callTool({ name: "asked" })).rejects.toThrow('there is no tool "asked"');
});
