// Requests that are sent one behind another on a connection, before the first is answered (RFC 9112, section 9.3.2). Each is begun when
// the ones before it have been answered, and read: a thousand in one packet would else be worked at all at once, for a client that
// need not even listen. Clients of good faith send few so, if any; who sends many is closed, for what waits is kept in memory.
import { once } from "node:events";
import type { HttpBindings } from "@hono/node-server";

/** Behind the one that is being answered. */
const MOST_BEHIND = 64;
/** How many wait on which connection. */
const behind = new WeakMap<object, number>();

/** When the request's turn has come; nothing at all where that is at once. Never, where the connection is closed for sending too many. */
export function turnOf({ incoming, outgoing }: HttpBindings): Promise<unknown> | undefined {
  if (outgoing.socket !== null) return undefined;
  const { socket } = incoming;
  const waiting = (behind.get(socket) ?? 0) + 1;
  if (waiting > MOST_BEHIND) socket.destroy();
  behind.set(socket, waiting);
  return once(outgoing, "socket").then(() => behind.set(socket, (behind.get(socket) ?? 1) - 1));
}
