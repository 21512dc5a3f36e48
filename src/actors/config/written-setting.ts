// A setting's value as it would stand in a file: a time as "10m", not as its milliseconds.
import { z } from "zod";
import { inline } from "./document.js";
import { schemaPath } from "./lookup.js";
import { schemaAt } from "./schema.js";
import { SIZE, TIME } from "./units.js";

export function writtenSetting(name: string, value: unknown): string {
  const schema = schemaAt(schemaPath(name));
  const unit = schema && z.globalRegistry.get(schema)?.unit;
  const known = [TIME, SIZE].find((each) => each === unit);
  return inline(typeof value === "number" && known !== undefined ? known.format(value) : value);
}
