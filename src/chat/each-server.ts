// What commands about servers share: asking all of them at once, and finding the one that a name begins with.

import { isUp } from "../mcp/client/server-status.js";
import type { ServerWrapper } from "../mcp/client/server-wrapper.js";
import { BanyanError, messageOf, type Ref } from "../supervision/index.js";
import type { ServerCommandContext } from "./command.js";

/** Asks every server that is up, or the one named. One that fails is said and holds up no other. */
export async function eachServer<T>(
  context: ServerCommandContext,
  only: string,
  ask: (wrapper: Ref<ServerWrapper>, server: string) => Promise<T>,
): Promise<T[]> {
  if (only !== "") return [await ask(await context.server(only), only)];
  const servers = (await context.servers()).filter(({ state }) => isUp(state));
  const answers = await Promise.all(
    servers.map(async ({ name }) => {
      try {
        return [await ask(await context.server(name), name)];
      } catch (error) {
        if (!(error instanceof BanyanError)) throw error;
        context.note(`The server ${name} did not answer: ${messageOf(error)}`);
        return [];
      }
    }),
  );
  return answers.flat();
}

/** Splits `SERVER.NAME`; a server's name has no dot. */
export function serverAndName(text: string, how: string): { readonly server: string; readonly name: string } {
  const dot = text.indexOf(".");
  if (dot > 0 && dot < text.length - 1) return { server: text.slice(0, dot), name: text.slice(dot + 1) };
  throw new BanyanError("usage", `Name the server first, as in ${how}.`);
}
