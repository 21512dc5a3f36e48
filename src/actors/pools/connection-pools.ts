// ConnectionPools: one ConnectionPool for each `[pools.NAME]` of the settings, under a name of its own (`poolName`). They are
// started again with this supervisor after a crash of its own; more can be started at run time like any dynamic child.
// permanent, 5 s.
import { type Backoff, child, DynamicSupervisor, type DynamicSupervisorOptions } from "../../supervision/index.js";
import { ConnectionPool, type PoolOptions, poolName } from "./connection-pool.js";

export interface ConnectionPoolsOptions extends DynamicSupervisorOptions {
  readonly pools: readonly PoolOptions[];
  /** How a pool that crashes too often is tried again. */
  readonly park: Backoff;
}

export class ConnectionPools extends DynamicSupervisor {
  protected override init(options: ConnectionPoolsOptions): ReturnType<DynamicSupervisor["init"]> {
    const { pools, park, ...limits } = options;
    this.continueWith({ pools, park });
    return super.init(limits);
  }

  /** Before any message is handled. */
  protected override async handleContinue({ pools, park }: ConnectionPoolsOptions): Promise<void> {
    for (const pool of pools) {
      const started = await this.startChild(
        child(ConnectionPool, pool, { name: poolName(pool.name), park, shutdown: 1_000 }),
      );
      if ("error" in started) throw new Error(`the pool ${pool.name} did not start: ${started.error}`);
    }
  }
}
