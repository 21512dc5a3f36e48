// The Channel over a Transport of the official SDK, for programs that have Banyan inside them: its InMemoryTransport, or any other.
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { type Channel, type Message, Peer, type RequestId } from "./peer.js";

/** A session's end of the transport, to be given to a ClientSession; the transport is started with it. */
export function overTransport(transport: Transport): Peer {
  const channel: Channel = {
    start: () => void transport.start().catch(() => peer.close()),
    send: (message, about) => void sent(transport, message, about).catch(() => {}), // it is going, and says so
    close: () => void transport.close().catch(() => {}),
  };
  const peer = new Peer(channel);
  transport.onmessage = (message) => peer.take(message);
  transport.onclose = () => peer.close();
  return peer;
}

function sent(transport: Transport, message: Message, about: RequestId | undefined): Promise<void> {
  const options = about === undefined ? {} : { relatedRequestId: about };
  return transport.send(message as JSONRPCMessage, options); // the same on the wire, but that the SDK's types have no null id
}
