// The servers without an app: a tree of the command's own, with a minder, so that nothing is left behind however the command ends.
// Each server is tried once; what does not come up is said.
import type { ServersDoor } from "../actors/control/servers-door.js";
import { configuredServers } from "../mcp/client/configured-servers.js";
import { ManualCalls } from "../mcp/client/manual-calls.js";
import { Minder } from "../mcp/client/minder.js";
import { Router } from "../mcp/client/router/router.js";
import { ServerManager } from "../mcp/client/server-manager.js";
import { Application, BanyanError, child, DynamicSupervisor, named } from "../supervision/index.js";
import type { CommonOptions } from "./options.js";
import { setUp } from "./settings.js";
import { warn } from "./warn.js";

const names = {
  minder: named<Minder>("Minder"),
  ports: named<DynamicSupervisor>("PortSupervisor"),
  wrappers: named<DynamicSupervisor>("ServerSupervisor"),
  servers: named<ServerManager>("ServerManager"),
};

/** Runs `work` with the servers, or with the one named alone, and ends them again. */
export async function withOwnServers<T>(
  options: CommonOptions,
  only: string | undefined,
  version: string,
  work: (door: ServersDoor) => Promise<T>,
): Promise<T> {
  const { loaded } = await setUp(options);
  const { servers, problems } = configuredServers(loaded.config, process.env);
  for (const problem of problems) if (only === undefined || problem.includes(` ${only} `)) warn(problem);
  const wanted = servers.filter(
    ({ name, replicaOf, enabled }) => enabled !== false && (only === undefined || name === only || replicaOf === only),
  );
  if (only !== undefined && wanted.length === 0) {
    const known = servers.some(({ name }) => name === only) || loaded.config.servers.some(({ name }) => name === only);
    const mend = known
      ? `is not to be started; see banyan servers status ${only}`
      : "is not configured; see banyan servers list";
    throw new BanyanError("no_server", `The server ${only} ${mend}.`);
  }
  const app = await Application.start({
    strategy: "one_for_one",
    children: [
      child(Minder, undefined, { name: names.minder }),
      child(DynamicSupervisor, undefined, { name: names.ports }),
      child(DynamicSupervisor, undefined, { name: names.wrappers }),
      child(
        ServerManager,
        {
          name: names.servers,
          wrappers: names.wrappers,
          ports: names.ports,
          minder: names.minder,
          clientInfo: { name: "banyan", version },
          servers: wanted.map((server) => ({ ...server, start: "eager" as const, maxRestarts: 0 })),
        },
        { name: names.servers },
      ),
    ],
  });
  try {
    const calls = new ManualCalls(names.servers, new Router(names.servers));
    const done = await work(calls);
    for (const { name, state, reason } of await calls.missing()) {
      warn(`The server ${name} is ${state}${reason === undefined ? "" : `: ${reason}`}; its tools are missing here.`);
    }
    return done;
  } finally {
    await app.stop();
  }
}
