import { describe, expect, it, onTestFinished } from "vitest";
import { type Profile, profileTable } from "../../../src/actors/startup/profile-table.js";
import { StartupClock } from "../../../src/actors/startup/startup-clock.js";
import { type ServersToWaitFor, StartupProfiler } from "../../../src/actors/startup/startup-profiler.js";
import { happenings } from "../../../src/actors/telemetry/happenings.js";
import { Application, child, GenServer, named, whereis } from "../../../src/supervision/index.js";
import { banyan, place } from "../../support/banyan.js";
import { temporaryHome } from "../../support/home.js";
import { logLines } from "../../support/log.js";

type Listener = Parameters<ServersToWaitFor["subscribe"]>[0];

/** Two servers on their way, one that nobody has asked for. */
class Servers extends GenServer<void, Listener | undefined> {
  subscribe(watcher: Listener) {
    this.state = watcher;
    const states = { files: "connecting", web: "initializing", lazy: "disconnected", gone: "parked" };
    return Object.entries(states).map(([name, state]) => ({ name, state }));
  }
  tell(type: string, server: string) {
    this.state?.cast.serverEvent({ type, server });
  }
}

const [name, servers] = [named<StartupProfiler>("P"), named<Servers>("Servers")];

async function start(
  last: readonly string[] = [],
): Promise<{ clock: StartupClock; printed: string[]; app: Application }> {
  const clock = new StartupClock();
  const printed: string[] = [];
  clock.mark("node and imports");
  const options = { name, clock, servers, last, print: (profile: Profile) => printed.push(profileTable(profile)) };
  const app = await Application.start({
    strategy: "one_for_one",
    children: [
      child(StartupProfiler, options, { name, restart: "temporary" }),
      child(Servers, undefined, { name: servers }),
    ],
  });
  onTestFinished(() => app.stop());
  clock.mark("tree");
  return { clock, printed, app };
}

describe("StartupProfiler", () => {
  it("is done once the last phase is over and every server that was on its way is up or has failed", async () => {
    const told: unknown[] = [];
    const hear = (happening: unknown) => void told.push(happening);
    happenings.on("happened", hear);
    onTestFinished(() => void happenings.off("happened", hear));
    const { clock, printed } = await start(["first paint"]);
    const profiler = whereis(name);
    await servers.call.tell("up", "files");
    await servers.call.tell("down", "web");
    await servers.call.tell("up", "web"); // told of already
    expect(printed).toEqual([]);
    clock.mark("first paint");
    expect(await profiler?.down).toBe("normal");
    expect(told).toMatchObject([
      {
        type: "startup",
        profile: {
          phases: [{ phase: "node and imports" }, { phase: "tree" }, { phase: "first paint" }],
          boxes: [{ name: "Servers" }],
          servers: [{ name: "gone" }, { name: "files" }, { name: "web" }],
        },
      },
    ]);
    expect(printed).toHaveLength(1);
  });

  it("tells what it has when the program ends before everything is up", async () => {
    const { printed, app } = await start();
    await app.stop();
    expect(printed).toEqual([expect.stringContaining("tree")]);
  });

  it("is printed at the end of a run and kept in the log, with --profile-startup", async () => {
    const { home, cwd, env } = place(temporaryHome());
    const line = ["-p", "what is 6*7", "--model", "offline", "--profile-startup"];
    const { code, stdout, stderr } = await banyan({ home, cwd, env }, line);
    expect([code, stdout]).toEqual([0, "**host.calculate** answered: 42\n"]);
    for (const row of [
      /^settings +[\d.]+ ms +[\d.]+ ms +[\d.]+ ms +█+$/m,
      /^Store +[\d.]+ ms/m,
      /^host +[\d.]+ ms +█+$/m,
    ])
      expect(stderr).toMatch(row);
    expect(logLines(home).find(({ event }) => event === "startup")).toMatchObject({
      phases: expect.arrayContaining([{ phase: "tree", at: expect.any(Number), cpu: expect.any(Number) }]),
    });
  });
});

it("the table names the slowest box first, and what each phase took of its own", () => {
  const table = profileTable({
    phases: [
      { phase: "node and imports", at: 100, cpu: 80 },
      { phase: "settings", at: 110.04, cpu: 85 },
    ],
    boxes: [
      { name: "Config", wall: 1, cpu: 1 },
      { name: "Store", wall: 20.5, cpu: 3 },
    ],
    servers: [{ name: "files\u001B[2J", at: 900 }],
  });
  expect(table.split("\n")).toEqual([
    "phase              over at      took  processor",
    "node and imports  100.0 ms  100.0 ms    80.0 ms  ███",
    "settings          110.0 ms   10.0 ms     5.0 ms     █",
    "",
    "box     init took  processor",
    "Store     20.5 ms     3.0 ms  ████████████████████████",
    "Config     1.0 ms     1.0 ms  █",
    "",
    "server  came up at",
    "files     900.0 ms  ████████████████████████",
    "",
  ]);
});
