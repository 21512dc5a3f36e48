// Banyan as an MCP server beside a chat, where `server.http` says so: what `banyan serve --http` is, in the chat's own tree. The chat
// does not depend on it: where it cannot listen, the user is told and the chat goes on.
import { names, park } from "../application.js";
import { chatPrompts } from "../chat/chat-prompts.js";
import { chatTools } from "../chat/chat-tools.js";
import { Router } from "../mcp/client/router/router.js";
import { type McpServerOptions, mcpServer } from "../serve-application.js";
import {
  child,
  type ExitReason,
  messageOf,
  type StartResult,
  Supervisor,
  startChild,
  whereis,
} from "../supervision/index.js";
import { deepest } from "./failure.js";

export async function serveBesideChat({
  loaded,
  version,
}: Pick<McpServerOptions, "loaded" | "version">): Promise<void> {
  const { host, port } = loaded.config.server;
  const own = chatTools(names.chat, names.session);
  const options = { loaded, version, own, ownPrompts: chatPrompts, over: { address: { host, port } } };
  const router = new Router(names.servers);
  const box = mcpServer(options, router);
  const result = await startChild(names.root, child(Supervisor, box, { name: names.mcpServer, park }));
  if ("ok" in result) {
    void whereis(names.root)?.down.then(router.show());
    names.chat.cast.note("info", `Listening on ${await names.httpServer.call.url()}/mcp.`);
  } else names.chat.cast.note("warn", `Nobody can connect to this chat: ${whyNot(result)}`);
}

function whyNot({ error, detail }: Exclude<StartResult, { readonly ok: unknown }>): string {
  return detail === undefined ? error : messageOf(deepest(detail as ExitReason)); // of a start that failed
}
