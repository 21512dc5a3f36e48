// The folders a client works in, asked of it when it has begun and whenever it says that they have changed. What it answers is
// checked, and what is no folder's address is left out.
import { z } from "zod";
import type { Root } from "../client/mcp-types.js";
import { optional } from "../client/sdk-shapes.js";
import type { ClientFacts } from "./front-desk.js";
import { isRecord, type Peer } from "./peer.js";

const MOST_ROOTS = 100;
const answer = z.object({ roots: z.array(z.unknown()) });
const root = z.object({
  uri: z
    .string()
    .max(4_096)
    .regex(/^file:\/\//),
  name: z.string().max(256).optional(),
});

/** Tells `found` what its roots are, now and whenever they change. Nothing if it has none to tell of. */
export function followRoots(peer: Peer, facts: () => ClientFacts | undefined, found: (roots: readonly Root[]) => void) {
  let asked = 0;
  const ask = async (): Promise<void> => {
    if (!isRecord(facts()?.capabilities.roots)) return;
    const turn = ++asked;
    try {
      const { roots } = answer.parse(await peer.request("roots/list", {}));
      if (turn === asked) found(roots.slice(0, MOST_ROOTS).flatMap(readRoot));
    } catch {
      // It is going, or does not answer as the protocol wants: then it has no roots.
    }
  };
  peer.hear("notifications/initialized", () => void ask());
  peer.hear("notifications/roots/list_changed", () => void ask());
}

function readRoot(said: unknown): Root[] {
  const { success, data } = root.safeParse(said);
  return success ? [{ uri: data.uri, ...optional({ name: data.name }) }] : [];
}
