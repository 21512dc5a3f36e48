// The settings as a JSON Schema, for editors that complete and check TOML: config.schema.json in the root of the repository, and
// `banyan config schema`. A test fails when the file differs, and `npx vitest run test/actors/config/document.test.ts -u` writes it anew.
import { z } from "zod";
import { layerSchema } from "./schema.js";

/** Draft 7, the newest that editors of TOML know. One file may hold a part of the settings, so it is the schema of one layer. */
export function jsonSchema(): string {
  const schema = z.toJSONSchema(layerSchema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema: made }) => {
      delete made.unit; // for `config show`
      // Editors written in Rust know the NUL by this name alone.
      if (typeof made.pattern === "string") made.pattern = made.pattern.replaceAll("\\0", "\\x00");
      if (made.example === undefined) return;
      made.examples = [made.example];
      delete made.example;
    },
  });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
