// GenServer: a process that keeps state and answers calls, one message at a time. (otp: stdlib, gen_server)
import type { Pid } from "./ref.js";
import { type ArgOf, type BehaviourClass, Server, type StartOptions, startServer } from "./server.js";

export abstract class GenServer<Arg = void, State = unknown> extends Server<Arg, State> {
  /** Starts a process outside any supervisor. Rejects with a {@link StartError} if `init` fails or the name is taken. */
  static start<C extends BehaviourClass>(
    this: C,
    arg?: ArgOf<C>,
    options: StartOptions<InstanceType<C>> = {},
  ): Promise<Pid<InstanceType<C>>> {
    return startServer(this, arg, options);
  }
}
