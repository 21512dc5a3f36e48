// The tools of all servers as one server's: listed as the Aggregator has them, called by the Router. Holds the calls whose progress
// the client wants to hear of, and nothing else.
import { z } from "zod";
import type { Ref } from "../../supervision/index.js";
import { UnknownNameError } from "../client/errors.js";
import type { Progress, ToolResult } from "../client/mcp-types.js";
import { sdkTool } from "../client/sdk-shapes.js";
import type { ProgressWatcher } from "../client/tool-work.js";
import { meant } from "./client-names.js";
import { type FrontDesk, LONGEST_NAME, noParams } from "./front-desk.js";
import { type IncomingCall, isRecord } from "./peer.js";
import { unknownName } from "./refusals.js";
import { toolResultAnswer } from "./sdk-answers.js";

/** Not copied key by key: the tool's own server checks what is in it. */
const toolArguments = z.custom<Readonly<Record<string, unknown>>>(isRecord, { error: "must be an object" });
const callParams = z.object({ name: z.string().max(LONGEST_NAME), arguments: toolArguments.optional() });
const NO_ARGUMENTS = {};

export class FrontTools {
  private calls = 0;
  private readonly hearing = new Map<string, (progress: Progress) => void>();

  constructor(private readonly desk: FrontDesk) {
    desk.answer("tools/list", noParams, (_, { signal }) => this.list(signal));
    desk.answer("tools/call", callParams, async ({ name, arguments: args = NO_ARGUMENTS }, call) =>
      toolResultAnswer(await this.call(name, args, call)),
    );
  }

  /** Passes a call's progress on to the client, if it wants it. */
  tellProgress(callId: string, progress: Progress): void {
    this.hearing.get(callId)?.(progress);
  }

  private async list(signal: AbortSignal): Promise<object> {
    const tools = await this.desk.known(signal, (aggregator) => aggregator.call.tools(), false);
    const { permission } = this.desk.host.pass.principal;
    const allowed = this.desk.exposed(tools).filter(({ item }) => permission.mayCall(item.name));
    return { tools: allowed.map(({ item, name }) => sdkTool(item, name)) };
  }

  private async call(said: string, args: Readonly<Record<string, unknown>>, call: IncomingCall): Promise<ToolResult> {
    const { router, caller, aggregator, pass } = this.desk.host;
    const callId = `${caller}:${++this.calls}`;
    const progress = this.hearProgress(callId, call);
    const { signal } = call;
    const options = { caller, callId, signal, ...progress };
    try {
      // What was listed with a dot is asked for with one, and needs no list to be found in.
      const name = said.includes(".") ? said : ((await this.toolMeant(said, signal)) ?? said);
      pass.callTool(name);
      return await router.call(name, args, options);
    } catch (error) {
      if (!(error instanceof UnknownNameError)) throw error;
      const { permission } = pass.principal;
      const known = this.desk.exposed(await aggregator.call.tools());
      const names = known.filter(({ item }) => permission.mayCall(item.name)).map(({ name }) => name);
      throw unknownName("tool", said, names);
    } finally {
      if (this.hearing.has(callId)) await this.desk.host.caughtUp();
      this.hearing.delete(callId);
    }
  }

  private async toolMeant(said: string, signal: AbortSignal): Promise<string | undefined> {
    const { aggregator, prefix } = this.desk.host;
    const now = meant(await aggregator.call.tools(), said, prefix);
    if (now !== undefined) return now.name;
    const tools = await this.desk.known(signal, (known) => known.call.tools(), false);
    return meant(tools, said, prefix)?.name;
  }

  private hearProgress(callId: string, call: IncomingCall): { progress?: Ref<ProgressWatcher> } {
    const { progressToken } = call;
    if (progressToken === undefined) return {};
    this.hearing.set(callId, (progress) => call.notify("notifications/progress", { progressToken, ...progress }));
    return { progress: this.desk.host.progress };
  }
}
