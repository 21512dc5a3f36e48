// The reason of a start that found its name taken. (otp: gen_server, `{already_started, Pid}`)
import { BanyanError } from "./errors.js";
import type { Process } from "./process.js";
import { type Pid, pidOf } from "./ref.js";

/** `code` is `already_started`, `pid` who holds the name. */
export class AlreadyStarted extends BanyanError {
  readonly pid: Pid;
  constructor(process: Process) {
    super("already_started", `already started as ${process.title}`);
    this.pid = pidOf(process);
  }
}
