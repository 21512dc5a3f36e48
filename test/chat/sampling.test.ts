import { expect, it, onTestFinished } from "vitest";
import { names } from "../../src/application.js";
import { createOpenAICompatible } from "../../src/llm/openai-compatible.js";
import { hostileServer } from "../mcp/client/tree.js";
import { ChatDriver } from "../mcp/everything/chat-driver.js";
import { temporaryHome } from "../support/home.js";
import { startModelServer } from "../support/model-server.js";

it("the model is sent a server's words and nothing of the conversation, within the user's bounds, and counted", async () => {
  const model = await startModelServer();
  const asked = () => model.requests.filter(({ method }) => method === "POST");
  onTestFinished(() => model.close());
  const provider = createOpenAICompatible({ id: "openai:m", baseUrl: model.baseUrl, model: "m" });
  const chat = await ChatDriver.start(temporaryHome(), [hostileServer()], { provider });
  onTestFinished(() => chat.stop().then(() => {}));
  model.enqueue({ text: "something private" });
  await chat.say("a secret of the conversation");
  const before = (await names.session.call.view()).tokens.output;
  model.enqueue({ text: "a fig tree" });
  const { wrapper } = await names.servers.call.route("bad.sample");
  const from = await chat.count();
  const answer = wrapper.with({ timeout: 100_000 }).call.callTool("sample", {
    messages: [{ role: "user", content: { type: "text", text: "what is a banyan?" } }],
    systemPrompt: "Be short.",
    maxTokens: 1_000_000,
  });
  const question = await chat.question(from);
  expect(asked()).toHaveLength(1); // nothing is asked before the yes
  await names.chat.call.answer(question.id, { kind: "approval", decision: "once" });
  expect(JSON.stringify((await answer).content)).toContain("a fig tree");
  expect(await chat.notice("got this answer", from)).toContain("a fig tree");
  const { body } = asked()[1] ?? {};
  expect(body).toMatchObject({ max_tokens: 4_096 });
  expect(JSON.stringify(body)).toContain("what is a banyan?");
  expect(JSON.stringify(body)).toContain("Be short.");
  expect(JSON.stringify(body)).not.toContain("secret");
  expect((await names.session.call.view()).tokens.output).toBeGreaterThan(before);
});
