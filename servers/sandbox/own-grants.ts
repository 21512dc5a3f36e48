// What this process is granted, as the one who started it wrote it into the environment. It is read once and removed, so that no
// code that runs later learns or changes it.
import { z } from "zod";

export const VARIABLE = "BANYAN_SANDBOX";

const ownGrants = z.object({
  net: z.union([z.boolean(), z.array(z.string())]).default(false),
  run: z.boolean().default(false),
  workers: z.boolean().default(false),
  addons: z.boolean().default(false),
});
export type OwnGrants = z.output<typeof ownGrants>;

export function takeGrants(): OwnGrants {
  const text = process.env[VARIABLE];
  delete process.env[VARIABLE];
  delete process.env.NODE_OPTIONS;
  return ownGrants.parse(text === undefined ? {} : JSON.parse(text));
}
