// A server inside this process is one process for each connection to it, its front, which ends with the connection.
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { BanyanError, type ChildSpec, type Ref, startChild } from "../../supervision/index.js";
import type { OpenEmbedded } from "./embedded-link.js";

/** Opens a connection: the front that is given the other end runs under `processes`. `what` names the server in an error. */
export function openFront(
  processes: Ref<unknown>,
  what: string,
  front: (transport: Transport) => ChildSpec,
): OpenEmbedded {
  return async () => {
    const { InMemoryTransport } = await import("@modelcontextprotocol/sdk/inMemory.js");
    const [theirs, ours] = InMemoryTransport.createLinkedPair();
    const started = await startChild(processes, front(ours));
    if ("error" in started) throw new BanyanError("embedded_down", `${what} does not open (${started.error})`);
    return theirs;
  };
}
