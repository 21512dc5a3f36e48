// A setting that is changed from the chat: stored over all others, as `banyan config set` does, and in force at once where it can be.
import { again } from "../../actors/again.js";
import { recordAction } from "../../actors/audit/audit.js";
import type { AuditAction } from "../../actors/audit/entry.js";
import { removeOverride, type StoringRequest, storeOverride } from "../../actors/config/overrides.js";
import { BanyanError } from "../../supervision/index.js";
import type { Surroundings } from "../command.js";

/** Where this run stores settings. Throws where there is no such place. */
export function storingRequest({ names }: Surroundings): StoringRequest {
  const { overrides } = names.request;
  if (overrides === undefined) throw new BanyanError("not_stored", "This run has no place to store settings in.");
  return { ...names.request, overrides };
}

/** Without a value what was stored is taken out again. Rejects with a `ConfigError` or the like, having changed nothing. */
export async function changeSetting(
  surroundings: Surroundings,
  key: string,
  value: string | undefined,
  action: AuditAction = "config.set",
): Promise<void> {
  const { names, use } = surroundings;
  const request = storingRequest(surroundings);
  const detail = value === undefined ? { unset: true } : { [key]: value };
  const first = () => recordAction(use(names.audit), { action, subject: key, detail });
  if (value === undefined) await removeOverride(request, key, first);
  else await storeOverride(request, key, value, first);
  await again(() => use(names.config).call.reload());
}
