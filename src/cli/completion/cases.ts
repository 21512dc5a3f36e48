// What the scripts share.
import type { CompletedCommand, Values } from "./completed.js";

/** Cases of `"PLACE:WORD"` that lead from one command to the next. */
export function steps(commands: readonly CompletedCommand[]): string {
  return commands
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => `      "${path.slice(0, -1).join(" ")}:${path.at(-1)}") place="${path.join(" ")}" ;;`)
    .join("\n");
}

/** The flags whose next word is their value and no command. */
export function valuedFlags(commands: readonly CompletedCommand[]): string[] {
  const valued = commands.flatMap(({ options }) => options.filter(({ takesValue }) => takesValue));
  return [...new Set(valued.flatMap(({ flags }) => flags))];
}

/** Cases of `"PLACE:FLAG"` that offer the flag's values. */
export function valueCases(commands: readonly CompletedCommand[], offer: (values: Values) => string): string {
  const cases = commands.flatMap(({ path, options }) =>
    options.flatMap(({ flags, values }) => {
      if (values === undefined) return [];
      const patterns = flags.map((flag) => `"${path.join(" ")}:${flag}"`).join("|");
      return [`    ${patterns}) ${offer(values)}; return ;;`];
    }),
  );
  return cases.join("\n");
}
