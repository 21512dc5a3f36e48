// The tools of all servers as one server's, and the front's own: listed as the Aggregator has them, called by the Router.
import { z } from "zod";
import { readTraceparent } from "../../actors/telemetry/spans.js";
import { requiredPages } from "../client/elicited-url.js";
import { ServerProtocolError, UnknownNameError } from "../client/errors.js";
import type { Progress, ToolResult } from "../client/mcp-types.js";
import { sdkTool } from "../client/sdk-shapes.js";
import { LISTED_ALWAYS } from "./banyan-tools.js";
import type { ClientAnswers } from "./client-answers.js";
import { meant, undotted } from "./client-names.js";
import { type Done, type FrontDesk, LONGEST_NAME, noParams } from "./front-desk.js";
import type { Arguments, KnownTool, OwnTool } from "./own-tools.js";
import { type IncomingCall, isRecord } from "./peer.js";
import { unknownName } from "./refusals.js";
import { toolResultAnswer } from "./sdk-answers.js";

/** Not copied key by key: the tool's own server checks what is in it. */
const toolArguments = z.custom<Arguments>(isRecord, { error: "must be an object" });
const callParams = z.object({
  name: z.string().max(LONGEST_NAME),
  arguments: toolArguments.optional(),
  _meta: toolArguments.optional(),
});
const NO_ARGUMENTS = {};

export class FrontTools {
  /** By each name a client may know it by. */
  private readonly own: ReadonlyMap<string, OwnTool>;

  constructor(
    private readonly desk: FrontDesk,
    private readonly answers: ClientAnswers,
  ) {
    this.own = new Map(
      desk.host.own.flatMap((tool) => [
        [tool.info.name, tool],
        [undotted(tool.info.name), tool],
      ]),
    );
    desk.answer("tools/list", noParams, (_, { signal }) => this.list(signal));
    desk.answer("tools/call", callParams, ({ name, arguments: args = NO_ARGUMENTS, _meta }, call, done) =>
      this.call(name, args, call, done, _meta?.traceparent).then(toolResultAnswer),
    );
  }

  /** Passes a call's progress on to the client, if it wants it. */
  tellProgress(callId: string, progress: Progress): void {
    const call = this.desk.calls.find({ callId });
    if (call?.progressToken !== undefined)
      call.notify("notifications/progress", { progressToken: call.progressToken, ...progress });
  }

  private async list(signal: AbortSignal): Promise<object> {
    const few = this.ownOnes().filter(({ item }) => item.name.startsWith(LISTED_ALWAYS));
    const tools = this.desk.host.exposure === "search" ? few : await this.all(signal);
    return { tools: tools.map(({ item, name }) => sdkTool(item, name)) };
  }

  /** Every tool the client may call. */
  private async all(signal: AbortSignal): Promise<readonly KnownTool[]> {
    const tools = await this.desk.known(signal, (aggregator) => aggregator.call.tools(), false);
    return [...this.ownOnes(), ...this.desk.exposed(tools).filter((tool) => this.mayCall(tool))];
  }

  private ownOnes(): readonly KnownTool[] {
    const named = this.desk.naming();
    const known = this.desk.host.own.map(({ info }) => ({ item: info, name: named(info.name) }));
    return known.filter((tool) => this.mayCall(tool));
  }

  private mayCall({ item }: KnownTool): boolean {
    return this.desk.host.pass.principal.permission.mayCall(item.name);
  }

  private call(said: string, args: Arguments, call: IncomingCall, done: Done, ownTrace: unknown): Promise<ToolResult> {
    const own = this.own.get(said);
    if (own === undefined) return this.callRouted(said, args, call, done, ownTrace);
    const { caller, pass } = this.desk.host;
    done.tool = own.info.name; // or that which it calls
    pass.callTool(own.info.name);
    return own.call(args, {
      call,
      caller,
      tools: () => this.all(call.signal),
      callTool: (name, given) => this.call(name, given, call, done, ownTrace),
    });
  }

  private async callRouted(
    said: string,
    args: Arguments,
    call: IncomingCall,
    done: Done,
    ownTrace: unknown,
  ): Promise<ToolResult> {
    const { router, caller, aggregator, session, caughtUp, pass } = this.desk.host;
    const { giveUp, progressToken } = call;
    // The message's own trace is closer to it than that of what carried it.
    const traceparent = isTraceparent(ownTrace) ? ownTrace : call.trail?.traceparent;
    const progress = progressToken === undefined ? undefined : session;
    const open = this.desk.calls.begin(call, said);
    const options = { caller, callId: open.callId, giveUp, elicitor: session, progress, traceparent };
    let logged = false;
    try {
      // What was listed with a dot is asked for with one, and needs no list to be found in.
      const name = said.includes(".") ? said : ((await this.toolMeant(said, call.signal)) ?? said);
      done.tool = name;
      open.server = name.slice(0, name.indexOf("."));
      pass.callTool(name);
      const result = await router.call(name, args, options);
      logged = result.logged === true;
      return result;
    } catch (error) {
      if (error instanceof ServerProtocolError)
        for (const { elicitationId } of requiredPages(error)) this.answers.sentTo(open.server, elicitationId);
      if (!(error instanceof UnknownNameError)) throw error;
      delete done.tool; // anybody may make up names
      const known = this.desk.exposed(await aggregator.call.tools());
      const names = known.filter((tool) => this.mayCall(tool)).map(({ name }) => name);
      throw unknownName("tool", said, names);
    } finally {
      if (progressToken !== undefined || logged) await caughtUp(logged);
      this.desk.calls.end(open);
    }
  }

  private async toolMeant(said: string, signal: AbortSignal): Promise<string | undefined> {
    const { aggregator, prefix } = this.desk.host;
    const now = meant(await aggregator.call.tools(), said, prefix);
    if (now !== undefined) return now.name;
    const tools = await this.desk.known(signal, (known) => known.call.tools(), false);
    return meant(tools, said, prefix)?.name;
  }
}

function isTraceparent(said: unknown): said is string {
  return typeof said === "string" && readTraceparent(said) !== undefined;
}
