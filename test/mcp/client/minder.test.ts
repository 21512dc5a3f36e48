import { afterEach, describe, expect, test } from "vitest";
import { type Application, exit, getState, whereis } from "../../../src/supervision/index.js";
import { eventually, gone, isAlive } from "./support.js";
import { type Branch, hostileServer, startBranch, startRecorder } from "./tree.js";

let app: Application | undefined;
afterEach(async () => {
  await app?.stop();
});

interface MinderState {
  pid: number;
  groups: number[];
}
const stateOf = async ({ minder }: Branch): Promise<MinderState> => (await getState(minder)) as MinderState; // as it shows it

async function oneServer(): Promise<Branch & { server: number }> {
  const watcher = await startRecorder();
  const branch = await startBranch([]);
  app = branch.app;
  await branch.manager.call.subscribe(watcher);
  await branch.manager.call.setServers([hostileServer(["--stubborn"])]);
  await watcher.call.event("up");
  const server = (await branch.manager.call.status())[0]?.pid ?? 0;
  return { ...branch, server };
}

describe("the Minder", () => {
  test("knows every server's group before the server is ready, and forgets it when it has ended", async () => {
    const branch = await oneServer();
    expect((await stateOf(branch)).groups).toEqual([branch.server]);
    await branch.manager.call.disconnect("bad");
    await eventually("it is forgotten", async () => (await stateOf(branch)).groups.length === 0);
  });

  test.each(["the minder's own process", "the Minder itself"])(
    "when %s is killed another takes its place, knows all groups again, and no server is touched",
    async (victim) => {
      const branch = await oneServer();
      const { pid } = await stateOf(branch);
      const minder = whereis(branch.minder);
      if (minder === undefined) throw new Error("no Minder");
      if (victim === "the Minder itself") exit(minder, "kill");
      else process.kill(pid, "SIGKILL");
      await minder.down;
      const after = await eventually("the group is known again", async () => {
        const state = await stateOf(branch);
        return state.groups.length > 0 ? state : undefined;
      });
      expect(after.groups).toEqual([branch.server]);
      expect(after.pid).not.toBe(pid);
      await gone(pid);
      expect(isAlive(branch.server)).toBe(true);
    },
  );
});
