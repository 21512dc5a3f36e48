// The resources whose changes a client wants to hear of. Each is subscribed to at its server in the name of the client's session, once
// for all who want it; a server that comes back as another process is asked again. All of it is gone with the session.
import { z } from "zod";
import { again } from "../../actors/again.js";
import type { Pid, Ref } from "../../supervision/index.js";
import type { ServerWrapper } from "../client/server-wrapper.js";
import type { Located } from "./client-names.js";
import { type FrontDesk, LONGEST_NAME } from "./front-desk.js";
import { INVALID_PARAMS, RESOURCE_NOT_FOUND, Refusal } from "./refusals.js";

const uriParams = z.object({ uri: z.string().max(LONGEST_NAME) });
const MOST = 1_000;

interface Subscribed {
  readonly server: string;
  /** The server's own address of it. */
  readonly uri: string;
}

export class FrontSubscriptions {
  /** By the address the client knows it by. */
  private readonly subscribed = new Map<string, Subscribed>();
  /** The servers' wrappers that are asked, by their monitors. */
  private readonly servers = new Map<number, string>();

  constructor(
    private readonly desk: FrontDesk,
    private readonly located: (uri: string, signal: AbortSignal) => Promise<Located | undefined>,
  ) {
    desk.answer("resources/subscribe", uriParams, ({ uri }, { signal }) => this.subscribe(uri, signal));
    desk.answer("resources/unsubscribe", uriParams, ({ uri }) => this.unsubscribe(uri));
  }

  /** The resource has changed, or may have. */
  tell(server: string, uri: string): void {
    for (const [address, known] of this.subscribed)
      if (known.server === server && known.uri === uri) this.tellClient(address);
  }

  /** Changes may have been missed. */
  tellAll(): void {
    for (const address of this.subscribed.keys()) this.tellClient(address);
  }

  /** The process of a server is gone. True if it was one of these. */
  lost(monitor: number): boolean {
    const server = this.servers.get(monitor);
    if (server === undefined) return false;
    this.servers.delete(monitor);
    void this.subscribeAgain(server);
    return true;
  }

  private async subscribe(address: string, signal: AbortSignal): Promise<object> {
    if (this.desk.host.shared)
      throw new Refusal(INVALID_PARAMS, "there is no session that could be told of changes; read the resource again");
    if (this.subscribed.size >= MOST)
      throw new Refusal(INVALID_PARAMS, `a client may subscribe to ${MOST} resources; unsubscribe from one first`);
    const found = await this.located(address, signal);
    if (found === undefined)
      throw new Refusal(RESOURCE_NOT_FOUND, "there is no such resource; see resources/list", { uri: address });
    const { server, uri } = found;
    await (await this.wrapper(server)).call.subscribeResource(uri, this.desk.host.session);
    this.subscribed.set(address, { server, uri });
    return {};
  }

  private async unsubscribe(address: string): Promise<object> {
    const known = this.subscribed.get(address);
    if (known === undefined) return {};
    this.subscribed.delete(address);
    const isWanted = [...this.subscribed.values()].some(
      ({ server, uri }) => server === known.server && uri === known.uri,
    );
    if (!isWanted) await (await this.wrapper(known.server)).call.unsubscribeResource(known.uri, this.desk.host.session);
    return {};
  }

  /** It may be a while until there is another; one that never comes leaves nothing to hear of. */
  private async subscribeAgain(server: string): Promise<void> {
    const uris = new Set([...this.subscribed.values()].flatMap((one) => (one.server === server ? one.uri : [])));
    if (uris.size === 0) return;
    try {
      const wrapper = await this.wrapper(server);
      await Promise.all([...uris].map((uri) => wrapper.call.subscribeResource(uri, this.desk.host.session)));
      for (const uri of uris) this.tell(server, uri);
    } catch {
      for (const [address, known] of this.subscribed) if (known.server === server) this.subscribed.delete(address);
    }
  }

  private async wrapper(server: string): Promise<Ref<ServerWrapper>> {
    const { host } = this.desk;
    const wait = { timeout: Number.POSITIVE_INFINITY };
    const found: Pid<ServerWrapper> = await again(() => host.servers.with(wait).call.wrapperOf(server));
    if (![...this.servers.values()].includes(server)) this.servers.set(host.monitor(found), server);
    return host.use(found).with(wait);
  }

  private tellClient(uri: string): void {
    this.desk.host.peer.notify("notifications/resources/updated", { uri });
  }
}
