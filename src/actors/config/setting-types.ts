// The kinds of values settings have: text, choices, numbers, times, sizes, lists. The message of each schema is the text that
// follows "allowed:" in an error, so what is checked and what is told cannot drift apart. They are read at every start: `check`
// with several checks makes one schema where a chain of methods makes one each.
import { z } from "zod";
import { SIZE, TIME, type Unit } from "./units.js";
import { isWebAddress } from "./web-address.js";

export const text = (error: string, pattern = /^[^\0]*$/) => z.string({ error }).check(z.regex(pattern, { error }));

export function choice<const Options extends readonly [string, ...string[]]>(options: Options) {
  const quoted = options.map((option) => `"${option}"`);
  return z.enum(options, { error: quoted.join(", ") });
}

export const toggle = () => z.boolean({ error: "true or false" });

export function whole(least: number, most: number) {
  const error = `a whole number from ${least} to ${most}`;
  return z.number({ error }).check(z.int({ error }), z.gte(least, { error }), z.lte(most, { error }));
}

function amount(unit: Unit, allowed: string, least: string, most: string) {
  const error = `${allowed}, from ${least} to ${most}`;
  const { parse, pattern } = unit;
  const [low = 0, high = 0] = [parse(least), parse(most)];
  return (
    z
      .transform((value: unknown, context) => {
        const parsed = typeof value === "string" || typeof value === "number" ? parse(value) : undefined;
        if (parsed !== undefined && parsed >= low && parsed <= high) return parsed;
        context.issues.push({ code: "custom", message: error, input: value });
        return z.NEVER;
      })
      // What a transformation takes in is not seen from outside, so editors and `config show` are told here.
      .meta({ unit, type: ["string", "integer"], pattern, minimum: low, maximum: high })
  );
}

export const duration = (least: string, most: string) =>
  amount(TIME, 'a time such as "30s" (ms, s, m, h or d), or milliseconds as a number', least, most);

export const size = (least: string, most: string) =>
  amount(SIZE, 'a size such as "256KB" (B, KB, MB or GB), or bytes as a number', least, most);

export function list(element: z.ZodString, example: string, standard: readonly string[] = []) {
  const error = `a list such as ${example}, at most 1000 long`;
  return z
    .array(element, { error })
    .max(1000, { error })
    .prefault([...standard]);
}

export const table = <Shape extends z.ZodRawShape>(shape: Shape, about: string) =>
  z.strictObject(shape, { error: "a table" }).describe(about);

export const webAddress = () => {
  const error = 'an address such as "https://host/v1" without a user name or password';
  return z.string({ error }).refine(isWebAddress, { error });
};

export const reference = `a reference, "\${env:NAME}" or "\${file:/PATH}", never the secret itself`;

export const percent = (least: number, most: number) => {
  const error = `a number of percent from ${least} to ${most}`;
  return z.number({ error }).check(z.gte(least, { error }), z.lte(most, { error }));
};

export const tableName = z.string().check(z.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/));
