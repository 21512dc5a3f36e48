// The options that say which files a program reads, for one that is started elsewhere: every path absolute.
import { resolve } from "node:path";
import type { CommonOptions } from "./options.js";

export function fileOptions({ config, home = process.env.BANYAN_HOME }: CommonOptions): readonly string[] {
  return [
    ...(config === undefined ? [] : ["--config", resolve(config)]),
    ...(home === undefined || home === "" ? [] : ["--home", resolve(home)]),
  ];
}
