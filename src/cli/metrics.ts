// `banyan metrics`: the figures of the running app, in Prometheus' text format, or as JSON.
import { askRunningApp } from "../actors/control/client.js";
import type { CommonOptions } from "./options.js";
import { pathsOf } from "./settings.js";

export async function showMetrics(options: CommonOptions): Promise<void> {
  const format = options.json ? "json" : "prometheus";
  const text = await askRunningApp(pathsOf(options).socket, { method: "metrics", format });
  process.stdout.write(`${String(text).trimEnd()}\n`);
}
