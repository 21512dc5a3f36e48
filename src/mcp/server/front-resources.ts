// The resources of all servers as one server's: listed as the Aggregator has them, read through the ResourceCache.
import { z } from "zod";
import { again } from "../../actors/again.js";
import { messageOf } from "../../supervision/index.js";
import { ServerProtocolError } from "../client/errors.js";
import { addressed, type Located, locate } from "./client-names.js";
import { FOREVER, type FrontDesk, LONGEST_NAME, noParams } from "./front-desk.js";
import type { IncomingCall } from "./peer.js";
import { INVALID_PARAMS, RESOURCE_NOT_FOUND, Refusal } from "./refusals.js";
import { resourceAnswer, templateAnswer } from "./sdk-answers.js";

const readParams = z.object({ uri: z.string() });

export class FrontResources {
  constructor(private readonly desk: FrontDesk) {
    const { permission } = desk.host.pass.principal;
    desk.answer("resources/list", noParams, async (_, { signal }) => {
      if (!permission.may("resources")) return { resources: [] };
      const list = await desk.known(signal, (aggregator) => aggregator.call.resources());
      return { resources: addressed(list).map(({ item, address }) => resourceAnswer(item, address)) };
    });
    desk.answer("resources/templates/list", noParams, async (_, { signal }) => {
      if (!permission.may("resources")) return { resourceTemplates: [] };
      const list = await desk.known(signal, (aggregator) => aggregator.call.templates());
      return { resourceTemplates: addressed(list).map(({ item, address }) => templateAnswer(item, address)) };
    });
    desk.answer("resources/read", readParams, ({ uri }, call) => this.read(uri, call));
  }

  private async read(uri: string, call: IncomingCall): Promise<object> {
    const { signal } = call;
    const found = await this.located(uri, signal);
    if (found === undefined) throw notFound(uri, "there is no such resource; see resources/list");
    const cache = this.desk.host.resources.with({ timeout: FOREVER, signal });
    const { server } = found;
    const reading = this.desk.calls.during(call, server, (caller) =>
      again(() => cache.call.read(server, found.uri, caller)),
    );
    const parts = await reading.catch((error: unknown) => {
      throw isNotFound(error) ? notFound(uri, messageOf(error)) : error;
    });
    return { contents: parts.map((part) => (part.uri === found.uri ? { ...part, uri } : part)) };
  }

  /** Where the resource is that goes by this address. */
  async located(uri: string, signal: AbortSignal): Promise<Located | undefined> {
    if (uri.length > LONGEST_NAME) return undefined;
    const { aggregator } = this.desk.host;
    const now = locate(uri, await aggregator.call.resources(), await aggregator.call.templates());
    if (now !== undefined) return now;
    const resources = await this.desk.known(signal, (known) => known.call.resources());
    return locate(uri, resources, await aggregator.call.templates());
  }
}

/** MCP 2025-06-18 and 2025-11-25, Resources, Error Handling. */
function notFound(uri: string, message: string): Refusal {
  return new Refusal(RESOURCE_NOT_FOUND, message, { uri: uri.slice(0, LONGEST_NAME) });
}

/** Servers say it by the code of their version, or their SDK's: the one thing that can be wrong with the params is their address. */
function isNotFound(error: unknown): boolean {
  if (!(error instanceof ServerProtocolError)) return false;
  return error.rpcCode === RESOURCE_NOT_FOUND || error.rpcCode === INVALID_PARAMS;
}
