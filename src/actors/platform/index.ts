// The variant for the system this program runs on. Systems that are neither are taken for a Linux without /proc.
import { linux } from "./linux.js";
import { macos } from "./macos.js";
import type { Platform } from "./platform.js";
import { windows } from "./windows.js";

export type { AppSocket, Environment, GroupUsage, Platform, RunningProcess } from "./platform.js";

export function platformOf(system: NodeJS.Platform): Platform {
  if (system === "win32") return windows;
  return system === "darwin" ? macos : linux;
}

export const platform: Platform = platformOf(process.platform);
