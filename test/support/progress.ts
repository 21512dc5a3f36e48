// The progress a client of the SDK is told, read off its transport: the SDK hands progress on in a later turn, and loses what comes
// together with the answer, as it does from a machine that is busy.
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { type Progress, ProgressNotificationSchema } from "@modelcontextprotocol/sdk/types.js";

/** All that the connected client is told from now on, as it comes. A call asks for it by an `onprogress`: {@link withProgress}. */
export function hearProgress(client: Client): readonly Progress[] {
  const heard: Progress[] = [];
  const { transport } = client;
  if (transport === undefined) throw new Error("the client is not connected");
  const { onmessage } = transport;
  transport.onmessage = (message, extra) => {
    const { success, data } = ProgressNotificationSchema.safeParse(message);
    if (success) {
      const { progressToken: _, ...progress } = data.params;
      heard.push(progress);
    }
    onmessage?.(message, extra);
  };
  return heard;
}

/** For a call whose progress is heard off the transport. */
export const withProgress = { onprogress: () => {} };
