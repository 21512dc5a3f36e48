import { expect, it } from "vitest";
import { child, DynamicSupervisor, GenServer, type Pid, startChild, stopProcess } from "../../src/supervision/index.js";

class Plain extends GenServer {}

class Reluctant extends GenServer {
  protected override trapExit = true;
  protected override terminate(): Promise<never> {
    return new Promise<never>(() => {});
  }
}

async function started(supervisor: Pid<DynamicSupervisor>, spec: ReturnType<typeof child>): Promise<Pid> {
  const result = await startChild(supervisor, spec);
  if (!("ok" in result) || result.ok === undefined) throw new Error("the child did not start");
  return result.ok;
}

it("stops all dynamic children at once: each with its own reason, the one that will not end killed after its time", async () => {
  const supervisor = await DynamicSupervisor.start();
  const plain = await started(supervisor, child(Plain, undefined));
  const brutal = await started(supervisor, child(Plain, undefined, { shutdown: "brutal_kill" }));
  const reluctant = await started(supervisor, child(Reluctant, undefined, { shutdown: 20 }));
  const downs = [plain.down, brutal.down, reluctant.down];
  await stopProcess(supervisor, "shutdown");
  expect(await Promise.all(downs)).toEqual(["shutdown", "killed", "killed"]);
});

it("does not wait for a child that died just before its supervisor stops", async () => {
  const supervisor = await DynamicSupervisor.start();
  const plain = await started(supervisor, child(Plain, undefined, { restart: "temporary" }));
  const other = await started(supervisor, child(Plain, undefined));
  const stopped = stopProcess(plain, "normal");
  await stopProcess(supervisor, "shutdown");
  await stopped;
  expect(other.alive).toBe(false);
});
