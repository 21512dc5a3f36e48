// Answers that nobody reads. Where a client takes nothing of an answer within a minute its connection is closed: each holds a place that others
// want, and the memory of what it does not read. One that reads slowly goes on, and so does one that waits while there is nothing to read.
import type { HttpBindings } from "@hono/node-server";

/** What `server.timeout` is: the time in which nothing comes and nothing goes. Node lets it pass once more where something went before. */
export const UNREAD_MS = 30_000;

/** Judges by what there is to read when the time is over; without this, Node would close those too that wait for a slow answer. */
export function closeUnread({ incoming: { socket }, outgoing }: HttpBindings): void {
  outgoing.on("timeout", () => {
    if (socket.writableLength > 0) socket.destroy();
  });
}
