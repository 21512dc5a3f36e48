// The settings of a HealthMonitor: the defaults but for what a test is about.
import { configSchema, type Settings } from "../../src/actors/config/schema.js";

export function healthSettings(settings: Partial<Settings["health"]> = {}): Settings["health"] {
  return { ...configSchema.parse({}).health, critical: [], ...settings };
}
