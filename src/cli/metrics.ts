// `banyan metrics`: the figures of the running app, in Prometheus' text format, or as JSON.
import { askRunningApp } from "../actors/control.js";
import type { CommonOptions } from "./options.js";
import { pathsOf } from "./settings.js";

export async function showMetrics(options: CommonOptions): Promise<void> {
  const text = await askRunningApp(pathsOf(options).socket, options.json ? "metrics_json" : "metrics");
  process.stdout.write(`${String(text).trimEnd()}\n`);
}
