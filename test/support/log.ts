// The log of an app, read back.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export function logLines(home: string): Record<string, unknown>[] {
  const folder = join(home, "state", "logs");
  return readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), "utf8")
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Record<string, unknown>])),
  );
}
