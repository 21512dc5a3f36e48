// config.toml in the root of the repository: every setting with its default and the line that explains it, written from
// the schema. A test fails when the two differ, and `npx vitest run test/actors/config/document.test.ts -u` writes it anew.
import { z } from "zod";
import { isTable } from "./merge.js";
import { configSchema, required, settingsIn, tablesIn } from "./schema.js";

const HEAD = `#:schema ./config.schema.json

# Every setting of Banyan with its default. A line that begins with "#" and a name, without a space between, has no
# default and shows an example. Settings are read from /etc/banyan/config.toml, ~/.config/banyan/config.toml and
# .banyan/config.toml, each over the one before; then from the environment, BANYAN_SECTION__KEY, from flags, and from what
# banyan config set stored.
# Times are "500ms", "30s", "10m", "2h" or milliseconds as a number; sizes are "256KB", "32MB" or bytes as a number.
`;

/** The documented configuration, as TOML that loads to exactly the defaults. */
export function describeConfig(): string {
  return `${HEAD}${describeTable(configSchema, "")}`;
}

function describeTable(schema: z.core.$ZodType, name: string): string {
  const members = Object.entries(settingsIn(schema)).flatMap(([key, member]) => (member ? [{ key, member }] : []));
  const isSection = (member: z.core.$ZodType) =>
    required(member) instanceof z.ZodObject ||
    tablesIn(required(member)) !== undefined ||
    blockOf(member) !== undefined;
  const lines = members
    .filter(({ member }) => !isSection(member))
    .map(({ key, member }) => describeSetting(key, member));
  const sections = members
    .filter(({ member }) => isSection(member))
    .map(({ key, member }) => {
      const block = blockOf(member);
      if (block !== undefined) return describeBlock(block, `[${key}]`);
      const table = tablesIn(required(member));
      if (table !== undefined) return describeBlock(table, `${key}.name`);
      return describeTable(required(member), name === "" ? key : `${name}.${key}`);
    });
  const head = name === "" || lines.length === 0 ? "" : `\n# ${aboutOf(schema).description}\n[${name}]\n`;
  return `${head}${head === "" && lines.length > 0 ? "\n" : ""}${lines.join("")}${sections.join("")}`;
}

/** An array of tables has no default block, and tables under names of one's own have none: an example stands for it, all of it
 * commented out. */
function describeBlock(block: z.core.$ZodType, name: string): string {
  const lines = Object.entries(settingsIn(block)).map(([key, member]) =>
    member ? describeSetting(key, member, "#") : "",
  );
  return `\n# ${aboutOf(block).description}\n#[${name}]\n${lines.join("")}`;
}

function describeSetting(key: string, schema: z.core.$ZodType, comment = ""): string {
  const { description, example } = aboutOf(schema);
  const initial = schema instanceof z.ZodPrefault ? schema.def.defaultValue : undefined;
  const value = comment === "" ? initial : (example ?? initial);
  if (value === undefined && example === undefined) return `# ${description}\n`; // which shows what it takes
  const mark = value === undefined ? "#" : comment;
  return `# ${description}\n${mark}${key} = ${inline(value ?? example)}\n`;
}

function blockOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const inner = required(schema);
  return inner instanceof z.ZodArray && inner.element instanceof z.ZodObject ? inner.element : undefined;
}

function aboutOf(schema: z.core.$ZodType): { description: string; example?: unknown } {
  const about = z.globalRegistry.get(schema);
  if (about?.description === undefined) throw new Error("a setting without a description");
  return { ...about, description: about.description };
}

/** A value on one line of TOML. */
export function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (!isTable(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${key} = ${inline(member)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}
