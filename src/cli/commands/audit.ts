// `banyan audit …`: privileged actions.
import type { Command } from "commander";
import { examples, optionsOf, parseLimit, withCommonOptions } from "../command-line.js";

export function withAuditCommands(banyan: Command): void {
  const audit = banyan
    .command("audit")
    .description("show the privileged actions that were recorded, or prove the record")
    .addHelpText("after", examples("banyan audit list", "banyan audit verify"));
  withCommonOptions(audit.command("list"))
    .description("print the newest, oldest first")
    .addHelpText("after", examples("banyan audit list --limit 200", "banyan audit list --json"))
    .option("--limit <n>", "how many, 1 to 100000", parseLimit, 50)
    .action(async (_: unknown, command: Command) => (await import("../audit.js")).listAudit(optionsOf(command)));
  withCommonOptions(audit.command("verify"))
    .description("check that no row was changed or taken out; names the first that does not fit")
    .addHelpText("after", examples("banyan audit verify"))
    .action(async (_: unknown, command: Command) => (await import("../audit.js")).verifyAudit(optionsOf(command)));
}
