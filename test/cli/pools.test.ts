import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { banyan, bare, startBanyan } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { startModelServer } from "../support/model-server.js";

interface Node {
  readonly name?: string;
  readonly strategy?: string;
  readonly label?: string;
  readonly children?: readonly Node[];
}

it("the model is asked through the pool of its origin, which the tree shows", async () => {
  const model = await startModelServer();
  onTestFinished(() => model.close());
  const here = bare(
    temporaryHome(),
    `model = "openai:m"\n[providers.openai]\nbase_url = "${model.baseUrl}"\n[pools.model]\nurl = "${model.origin}"\nmin = 1\n`,
  );
  here.env.OPENAI_API_KEY = "k";
  model.enqueue({ text: "a b c d e f g h", deltas: 8, paceMs: 1_000 });
  const app = startBanyan(here, ["-p", "question"]);
  app.stdin.end();
  await once(app.stdout, "data");
  const tree = JSON.parse((await banyan(here, ["tree", "--json"])).stdout) as Node;
  const pools = tree.children?.find(({ name }) => name === "ConnectionPools");
  expect(pools).toMatchObject({
    strategy: "dynamic",
    children: [{ name: "Pool:model", label: `ok, ${model.origin}` }],
  });
  app.kill("SIGTERM");
  await once(app, "close");
  model.enqueue({ text: "forty-two" });
  expect(await banyan(here, ["-p", "what is it"])).toMatchObject({ code: 0, stdout: "forty-two\n", stderr: "" });
});
