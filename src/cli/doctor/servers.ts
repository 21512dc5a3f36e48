// Each configured server, tried for real: its program is started, asked to `initialize` and for its tools, and ended again. A minder
// stands by, as in the running app, so that nothing is left behind even if the doctor is killed.

import type { Connection } from "../../mcp/client/connection.js";
import type { Conversation } from "../../mcp/client/link.js";
import type { OsProcess } from "../../mcp/client/os-process.js";
import type { ServerConfig, ServerConfigInput } from "../../mcp/client/server-config.js";
import { BanyanError, messageOf, plainText, type Ref } from "../../supervision/index.js";
import { type Finding, failed, reporter } from "./finding.js";

/** At once; each may be a heavy program. */
const PARALLEL = 4;
/** Longest time for an answer; a server with less of its own has that. */
const PATIENCE_MS = 10_000;
const GRACE_MS = 500;
const LONGEST_WORDS = 200;

/** `signIns` is the folder of the tokens of servers that are signed in to. */
export async function checkServers(
  inputs: readonly ServerConfigInput[],
  version: string,
  signIns: string,
): Promise<Finding[]> {
  const { startMinder } = await import("../../mcp/client/minder-process.js");
  const minder = await startMinder();
  const waiting = inputs.map((input, index) => ({ input, index }));
  const findings: Finding[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      findings[next.index] = await checkServer(next.input, version, signIns, (pid) => minder.watch(pid));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  minder.dismiss();
  return findings;
}

async function checkServer(
  input: ServerConfigInput,
  version: string,
  signIns: string,
  started: (pid: number) => void,
): Promise<Finding> {
  const { ok } = reporter("servers");
  const [{ serverConfig }, os, { StdioTransport }, { Connection }, { childEnvironment }] = await Promise.all([
    import("../../mcp/client/server-config.js"),
    import("../../mcp/client/os-process.js"),
    import("../../mcp/client/stdio-transport.js"),
    import("../../mcp/client/connection.js"),
    import("../../mcp/client/environment.js"),
  ]);
  const config = serverConfig(input);
  const { name, command, args, cwd, maxLineBytes } = config;
  if (!config.enabled) return ok(`The server ${name} is switched off.`);
  const patience = Math.min(PATIENCE_MS, config.timeoutMs, config.connectTimeoutMs);
  const conversation = { clientInfo: { name: "banyan", version }, onNotification: () => {} };
  if (command === undefined)
    return checkRemote({ ...config, connectTimeoutMs: patience, timeoutMs: patience }, conversation, signIns);
  let program: OsProcess | undefined;
  try {
    const began = performance.now();
    const write = async (line: string): Promise<void> => void program?.write(line);
    const transport = new StdioTransport(write, () => {});
    program = await os.OsProcess.start(
      {
        server: name,
        command,
        args,
        ...(cwd === undefined ? {} : { cwd }),
        env: config.inherits ? childEnvironment(config.env) : config.env,
        maxLineBytes,
        graceMs: GRACE_MS,
      },
      {
        lines: (lines, bytes) => {
          transport.receive(lines);
          program?.took(bytes);
        },
        oversize: (line) => transport.receiveOversize(line),
        stdoutEnded: () => {},
        stderr: () => {},
      },
    );
    started(program.pid);
    void program.exited.then(() => transport.lost());
    const times = { connectTimeoutMs: patience, timeoutMs: patience };
    return ok(
      await introduced(await Connection.open(transport, { ...conversation, ...times, server: name }), name, began),
    );
  } catch (error) {
    return explain(name, patience, error, program?.stderrTail ?? "");
  } finally {
    await program?.stop();
  }
}

async function checkRemote(config: ServerConfig, conversation: Conversation, signIns: string): Promise<Finding> {
  const { ok, fail } = reporter("servers");
  const [{ RemoteLink }, { RemoteError }, { authorizersIn }, { SignInNeededError }] = await Promise.all([
    import("../../mcp/client/remote-link.js"),
    import("../../mcp/client/errors.js"),
    import("../../mcp/client/oauth/authorizers.js"),
    import("../../mcp/client/oauth/errors.js"),
  ]);
  const ignore = (): void => {};
  const told = { onLost: ignore, onDoubt: ignore, onRenewed: ignore, onFault: ignore };
  const options = { config, use: <T>(ref: Ref<T>) => ref, authorizerOf: authorizersIn(signIns), ...told };
  const link = new RemoteLink(options, config.url ?? "", Promise.resolve());
  const began = performance.now();
  try {
    return ok(await introduced(await link.connect(conversation), config.name, began));
  } catch (error) {
    const mend = `Correct servers.${config.name} in the configuration, or set its enabled = false.`;
    const isSaid = error instanceof RemoteError || error instanceof SignInNeededError;
    const why = isSaid ? error.reason : `does not answer: ${messageOf(error)}`;
    return fail(`The server ${config.name} ${plainText(why)}.`, mend);
  } finally {
    await link.close("the check is over");
  }
}

async function introduced(connection: Connection, name: string, began: number): Promise<string> {
  const { identity } = connection;
  const tools = (await connection.listTools()).length;
  const ms = Math.round(performance.now() - began);
  return `The server ${name} answers in ${ms} ms: ${plainText(identity.name)} ${plainText(identity.version)}, ${tools} tools.`;
}

function explain(name: string, patience: number, error: unknown, stderr: string): Finding {
  const { fail } = reporter("servers");
  if (error instanceof BanyanError && error.code === "server_spawn_failed")
    return failed("servers", `The server ${name}: ${error.message}`);
  const words = plainText(stderr).trimEnd().split("\n").at(-1)?.trim().slice(0, LONGEST_WORDS) ?? "";
  const why =
    error instanceof BanyanError && error.code === "call_timed_out"
      ? `it did not answer in ${patience / 1_000} s`
      : messageOf(error);
  const last = words === "" ? "" : `; its last words: ${words}`;
  return fail(
    `The server ${name} was started, but ${why}${last}.`,
    `Run its command by hand to see what it says; correct servers.${name} in the configuration, or set its enabled = false.`,
  );
}
