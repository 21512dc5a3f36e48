// The prompts of all servers as one server's, and the completion of arguments, which is asked of the server whose prompt or template
// they belong to.
import { z } from "zod";
import type { CompletionTarget } from "../client/mcp-types.js";
import { optional } from "../client/sdk-shapes.js";
import { keyOf } from "../client/server-lists.js";
import { addressed, meant } from "./client-names.js";
import { type FrontDesk, LONGEST_NAME, noParams } from "./front-desk.js";
import { type OwnPrompt, ownPromptText } from "./own-prompts.js";
import { RESOURCE_NOT_FOUND, Refusal, unknownName } from "./refusals.js";
import { promptAnswer, promptResultAnswer } from "./sdk-answers.js";

const name = z.string().max(LONGEST_NAME);
const texts = z.record(z.string(), z.string());
const getParams = z.object({ name, arguments: texts.optional() });
const completeParams = z.object({
  ref: z.discriminatedUnion("type", [
    z.object({ type: z.literal("ref/prompt"), name }),
    z.object({ type: z.literal("ref/resource"), uri: name }),
  ]),
  argument: z.object({ name: z.string(), value: z.string() }),
  context: z.object({ arguments: texts.optional() }).optional(),
});

interface Target {
  readonly server: string;
  readonly target: CompletionTarget;
}

export class FrontPrompts {
  constructor(private readonly desk: FrontDesk) {
    const { pass } = desk.host;
    desk.answer("prompts/list", noParams, async (_, { signal }) => {
      if (!pass.principal.permission.may("prompts")) return { prompts: [] };
      const prompts = await desk.known(signal, (aggregator) => aggregator.call.prompts());
      const own = desk.host.ownPrompts.map(({ info }) => promptAnswer(info, info.name));
      // A server's that would go by the same plain name goes by its full one.
      const others = desk
        .exposed(prompts)
        .map(({ item, name }) => promptAnswer(item, this.own(name) === undefined ? name : desk.naming()(item.name)));
      return { prompts: [...own, ...others] };
    });
    desk.answer("prompts/get", getParams, async ({ name, arguments: args = {} }, call) => {
      const own = this.own(name);
      if (own !== undefined) {
        const content = { type: "text" as const, text: ownPromptText(own, args) };
        return promptResultAnswer({
          ...optional({ description: own.info.description }),
          messages: [{ role: "user", content }],
        });
      }
      const { server, ownName } = await this.promptMeant(name, call.signal);
      return desk.asked(server, call, async (wrapper, caller) =>
        promptResultAnswer(await wrapper.call.getPrompt(ownName, args, caller)),
      );
    });
    desk.answer("completion/complete", completeParams, async ({ ref, argument, context }, call) => {
      pass.need(ref.type === "ref/prompt" ? "prompts" : "resources");
      if (ref.type === "ref/prompt" && this.own(ref.name) !== undefined)
        return { completion: { values: [], hasMore: false } }; // they take free text
      const { server, target } =
        ref.type === "ref/prompt"
          ? await this.promptTarget(ref.name, call.signal)
          : await this.template(ref.uri, call.signal);
      const others = context?.arguments ?? {};
      return desk.asked(server, call, async (wrapper, caller) => {
        const { values, hasMore } = await wrapper.call.complete(target, argument, others, caller);
        return { completion: { values, hasMore } };
      });
    });
  }

  private own(name: string): OwnPrompt | undefined {
    return this.desk.host.ownPrompts.find(({ info }) => info.name === name);
  }

  private async promptMeant(said: string, signal: AbortSignal) {
    const prompts = await this.desk.known(signal, (aggregator) => aggregator.call.prompts());
    const found = meant(prompts, said, this.desk.host.prefix);
    if (found !== undefined) return found;
    const own = this.desk.host.ownPrompts.map(({ info }) => info.name);
    const names = [...own, ...this.desk.exposed(prompts).map(({ name }) => name)];
    throw unknownName("prompt", said, names);
  }

  private async promptTarget(said: string, signal: AbortSignal): Promise<Target> {
    const { server, ownName } = await this.promptMeant(said, signal);
    return { server, target: { type: "prompt", name: ownName } };
  }

  private async template(address: string, signal: AbortSignal): Promise<Target> {
    const templates = await this.desk.known(signal, (aggregator) => aggregator.call.templates());
    const found = addressed(templates).find((template) => template.address === address)?.item;
    if (found === undefined)
      throw new Refusal(RESOURCE_NOT_FOUND, "there is no such resource template; see resources/templates/list");
    return { server: found.server, target: { type: "template", uriTemplate: keyOf(found) } };
  }
}
