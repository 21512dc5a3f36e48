// A command whose refusals are answers.
import { BanyanError, messageOf } from "../supervision/index.js";
import type { QuickCommand } from "./command.js";

/** What is refused, or cannot be asked now, is the answer. */
export function answering(run: QuickCommand["run"]): QuickCommand["run"] {
  return async (context, rest) => {
    try {
      return await run(context, rest);
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      return messageOf(error);
    }
  };
}
