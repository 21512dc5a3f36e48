// Which scopes to ask for: those the server's challenge names and those the settings name; else all that the server lists; else
// none, which leaves it to the authorization server. What was granted before is asked for again, so that a step up loses nothing.
import type { AuthorizationServer } from "./discovery.js";
import type { OAuthSettings } from "./settings.js";

/** As one text; undefined when none is to be asked for. */
export function scopesToAsk(
  { metadata, scopes }: AuthorizationServer,
  settings: OAuthSettings,
  challenged: string | undefined,
  granted: string | undefined,
): string | undefined {
  const wanted = [...words(challenged), ...(settings.scopes ?? [])];
  const asked = new Set(wanted.length > 0 ? [...words(granted), ...wanted] : (scopes ?? []));
  if (asked.size === 0) return undefined;
  // Without it many give no refresh token, and the user would have to come back every hour.
  const offline = (metadata.scopes_supported ?? []).includes("offline_access");
  if (offline && settings.grant !== "client_credentials") asked.add("offline_access");
  return [...asked].join(" ");
}

/** Whether every word of `wanted` is among those of `granted`. */
export function isGranted(wanted: string, granted: string | undefined): boolean {
  const have = new Set(words(granted));
  return words(wanted).every((word) => have.has(word));
}

function words(text: string | undefined): string[] {
  return (text ?? "").split(" ").filter((word) => word !== "");
}
