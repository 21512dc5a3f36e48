// What one process costs in heap while it waits, and once it has had a message.
import { heapUsed } from "./measure.mjs";

const COUNT = 50_000;

export async function bytesEach({ GenServer, stopProcess }) {
  class Idle extends GenServer {
    ping() {}
  }
  await Promise.all([Idle.start()].map(async (started) => stopProcess(await started)));
  const before = await heapUsed();
  const pids = [];
  for (let i = 0; i < COUNT; i++) pids.push(await Idle.start());
  const idle = (await heapUsed()) - before;
  for (const pid of pids) pid.cast.ping();
  await pids[COUNT - 1].call.ping();
  const withMailbox = (await heapUsed()) - before;
  for (const pid of pids) await stopProcess(pid);
  return { idle: Math.round(idle / COUNT), withMailbox: Math.round(withMailbox / COUNT) };
}
