// What commands of the command line have in common.
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommonOptions } from "./options.js";

export function examples(...lines: string[]): string {
  return ["", "Examples:", ...lines.map((line) => `  ${line}`)].join("\n");
}

export function withCommonOptions(command: Command): Command {
  return command
    .option("--config <file>", "read this settings file instead of the usual ones")
    .option("--home <dir>", "keep everything under one folder")
    .addOption(
      new Option("--log-level <level>", "least serious entries of the log").choices(["debug", "info", "warn", "error"]),
    )
    .option("--json", "answer in JSON")
    .option("--debug", "show stack traces of errors");
}

export function parseLimit(value: string): number {
  const limit = /^\d{1,6}$/.test(value) ? Number(value) : 0;
  if (limit < 1 || limit > 100_000) throw new InvalidArgumentError("Give a whole number from 1 to 100000.");
  return limit;
}

/** A command's own options over those of the program, so that they may stand on either side of its name. */
export function optionsOf<T extends CommonOptions>(command: Command): T {
  return command.optsWithGlobals<T>();
}
