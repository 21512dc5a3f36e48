// The same child several times over, found by a key. (elixir: partition_supervisor_test)
import { describe, expect, it } from "vitest";
import {
  child,
  DynamicSupervisor,
  GenServer,
  named,
  PartitionSupervisor,
  type PartitionSupervisorOptions,
  type Pid,
  partition,
  startChild,
  stopProcess,
  whereis,
  whichChildren,
} from "../../../src/supervision/index.js";
import { counts, end, ok, supervise, unnamed, Worker } from "../../support/scripted-worker.js";
import { withVirtualTime } from "../../support/virtual-clock.js";

withVirtualTime();

const name = named<PartitionSupervisor>("pool");
const keys = [0, 1, 2, 3, 4, 5, 6, 7];

function start(options: Partial<PartitionSupervisorOptions> = {}): Promise<Pid<PartitionSupervisor>> {
  return PartitionSupervisor.start({ name, child: child(Worker), partitions: 8, ...options });
}

describe("routing", () => {
  it("A87 on success with atom name: what is started at a key is found under exactly one partition", async () => {
    const pool = await start({ child: child(DynamicSupervisor) });
    const started = new Set<unknown>();
    for (let key = 0; key < 100; key++) {
      const where = partition<DynamicSupervisor>(name, key % 2 === 0 ? key : `key ${key}`);
      started.add(ok(await startChild(where, unnamed())));
    }
    const found: unknown[] = [];
    const perPartition: number[] = [];
    for (const { pid } of await whichChildren(pool)) {
      const rows = await whichChildren(pid as Pid); // all partitions run
      perPartition.push(rows.length);
      found.push(...rows.map((row) => row.pid));
    }
    expect(found).toHaveLength(100);
    expect(new Set(found)).toEqual(started);
    expect(Math.min(...perPartition)).toBeGreaterThan(0);
  });

  it("leads a key always to the same partition, also after that one was restarted", async () => {
    const pool = await start();
    const where = partition<Worker>(name, "some text");
    expect(partition(name, "some text").whereis()).toBe(where.whereis());
    expect(partition(name, -3).whereis()).toBe(partition(name, 3).whereis());
    expect(partition(name, 11).whereis()).toBe(partition(name, 3).whereis());
    const before = where.whereis();
    await end(before as Pid, "kill", pool);
    expect(await where.call.get()).toBe(0);
    expect(where.whereis()).not.toBe(before);
  });

  it("gives each partition its own argument", async () => {
    class Shard extends GenServer<{ table: string }, { table: string }> {
      protected override init(arg: { table: string }) {
        this.state = arg;
      }
      table() {
        return this.state.table;
      }
    }
    const withArguments = (arg: unknown, index: number) => ({ table: `${(arg as { table: string }).table}_${index}` });
    await start({ child: child(Shard, { table: "users" }), partitions: 2, withArguments });
    expect(await partition<Shard>(name, 1).call.table()).toBe("users_1");
  });

  it("has as many partitions as the machine has cores unless told otherwise", async () => {
    const supervisor = await supervise([child(PartitionSupervisor, { child: child(Worker) }, { name })]);
    const cores = (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ?? 1;
    expect(await name.call.partitions()).toBe(cores);
    expect(await counts(supervisor)).toEqual([1, 1, 1, 0]);
  });
});

describe("options", () => {
  it("A88 argument checks: no name, no child, no partitions, a wrong withArguments, an automatic shutdown", async () => {
    const code = async (options: object) => {
      const started = PartitionSupervisor.start({ name, child: child(Worker), ...options } as never); // wrong on purpose
      return started.then(
        () => "started",
        (thrown: { cause: { code: string } }) => thrown.cause.code,
      );
    };
    expect(await code({ name: undefined })).toBe("missing_name");
    expect(await code({ child: undefined })).toBe("missing_child_spec");
    expect(await code({ child: "no spec" })).toBe("invalid_child_spec");
    expect(await code({ partitions: 0 })).toBe("invalid_partitions");
    expect(await code({ withArguments: 3 })).toBe("invalid_with_arguments");
    expect(await code({ autoShutdown: "any_significant" })).toBe("invalid_auto_shutdown");
    expect(await code({ strategy: "all" })).toBe("invalid_strategy");
    expect(whereis(name)).toBeUndefined();
  });

  it("A89 stop is synchronous: the name is free when it returns", async () => {
    await start();
    await stopProcess(name);
    expect(whereis(name)).toBeUndefined();
    await start();
  });
});

describe("resizing", () => {
  it("A90 resizes the number of children: the count, the running ones and the routing agree", async () => {
    const pool = await start();
    let before = 8;
    for (const count of [8, 0, 8, 7, 6, 4, 5, 0, 1, 2, 8, 3]) {
      expect(await name.call.resize(count)).toBe(before);
      before = count;
      expect(await name.call.partitions()).toBe(count);
      expect(await counts(pool)).toEqual([8, count, 0, 8]);
      if (count === 0) continue;
      expect(new Set(keys.map((key) => partition(name, key).whereis())).size).toBe(count);
    }
    for (const count of [-1, 9, 1.5]) await expect(name.call.resize(count)).rejects.toThrow(RangeError);
    await expect(named<PartitionSupervisor>("nobody").call.resize(1)).rejects.toMatchObject({ code: "noproc" });
  });

  it("A91 lookup after resize to zero: no key leads anywhere until there are partitions again", async () => {
    await start();
    expect(await name.call.resize(0)).toBe(8);
    expect(() => partition(name, 0)).toThrow("no process answers at the partitions of pool");
    expect(await name.call.resize(8)).toBe(0);
    expect(partition(name, 0).whereis()).toBeDefined();
    expect(() => partition(named<PartitionSupervisor>("nobody"), 0)).toThrow("no process answers");
  });
});

describe("sight", () => {
  it("A92 which/count children: ids are the indices, pids those that keys lead to, counted by type", async () => {
    const pool = await start({ partitions: 3 });
    expect(await whichChildren(pool)).toEqual(
      [2, 1, 0].map((index) => ({ id: String(index), pid: partition(name, index).whereis(), type: "worker" })),
    );
    expect(await counts(pool)).toEqual([3, 3, 0, 3]);
    await stopProcess(pool);
    expect(await counts(await start({ partitions: 3, child: child(DynamicSupervisor) }))).toEqual([3, 3, 3, 0]);
  });
});
