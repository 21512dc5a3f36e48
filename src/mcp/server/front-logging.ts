// The servers' log messages, as far as a client wants to hear them (MCP 2025-11-25, Logging). What belongs to one of its calls goes on
// that call's stream; what belongs to another client's is not for it; all else every client hears whose key opens anything of that server.
import { z } from "zod";
import { admits } from "../client/client-wishes.js";
import { type LogLevel, logLevels, type ServerNotification } from "../client/mcp-types.js";
import type { FrontDesk } from "./front-desk.js";
import type { IncomingCall } from "./peer.js";

type Log = Extract<ServerNotification, { type: "log" }>;

const levelParams = z.object({ level: z.enum(logLevels) });

export class FrontLogging {
  /** Of what a client hears that has not said. */
  private level: LogLevel = "info";

  /** `callOf`: the client's own call by its id; or the only one of it that is under way at a server. */
  constructor(
    private readonly desk: FrontDesk,
    private readonly callOf: (about: { readonly callId?: string; readonly server: string }) => IncomingCall | undefined,
  ) {
    desk.answer("logging/setLevel", levelParams, async ({ level }) => {
      this.level = level;
      desk.host.wish({ logLevel: level });
      return {};
    });
  }

  tell(server: string, { level, logger, data, callId }: Log): void {
    const call = this.callOf({ server, ...(callId === undefined ? {} : { callId }) });
    if (!admits(this.level, level) || (callId !== undefined && call === undefined)) return;
    if (!this.desk.host.pass.principal.permission.mayHear(server)) return;
    const params = { level, logger: logger === undefined ? server : `${server}.${logger}`, data };
    if (call === undefined) this.desk.host.peer.notify("notifications/message", params);
    else call.notify("notifications/message", params);
  }

  /** So many older messages came faster than they could be told. */
  tellLeftOut(count: number): void {
    if (!admits(this.level, "warning")) return;
    const data = `${count} older messages of servers are left out here; they came too fast`;
    this.desk.host.peer.notify("notifications/message", { level: "warning", logger: "banyan", data });
  }
}
