// What an operator may do to a process of the running app, and how it is looked into. Nothing here goes round the supervisors: a
// process that is restarted ends, and its supervisor starts the next one by its own rules.
import { setTimeout as sleep } from "node:timers/promises";
import {
  BanyanError,
  condition,
  exit,
  getStatus,
  linksOf,
  messageOf,
  type Named,
  type Pid,
  type Place,
  placeOf,
  restartChild,
  resume,
  stopProcess,
  suspend,
} from "../../supervision/index.js";
import type { Inspected } from "./protocol.js";
import { shown } from "./shown.js";

/** A process in the middle of a message cannot be looked into; so long it is waited for, in milliseconds. */
const PATIENCE_MS = 1_000;
/** For an end in order, and again for the next one to run. */
const RESTART_MS = 5_000;
const POLL_MS = 10;
const MOST_LINKS = 50;

export interface Intervened {
  /** The process now in that place; absent if there is none. */
  readonly id?: string;
  readonly name: string;
  readonly condition: string;
}

export class Interventions {
  /** `own`: the process that answers, which nobody is to end or stop while it does. */
  constructor(
    private readonly root: Named<unknown>,
    private readonly own: Pid,
  ) {}

  async inspect(wanted: string): Promise<Inspected> {
    const place = this.find(wanted);
    const { children: _, ...process } = place.node;
    const found = { process, supervisor: nameOf(place.supervisor) };
    const { pid } = place;
    if (pid === undefined) return { ...found, stateMissing: "it does not run" };
    const links = linksOf(pid).slice(0, MOST_LINKS);
    return { ...found, links, ...(await stateOf(pid)) };
  }

  /** Ends the process in order, by force if that takes long, and waits for the next. One that is parked or stopped is started. */
  async restart(wanted: string): Promise<Intervened> {
    const place = this.findOther(wanted);
    const before = place.pid;
    if (before !== undefined && place.restart === "temporary") {
      throw new BanyanError(
        "temporary",
        `${wanted} is temporary: whoever started it decides whether there is to be another; kill it instead.`,
      );
    }
    if (before === undefined) await startAgain(place, wanted);
    // A transient one that ended well would stay down.
    else if (place.restart === "transient") exit(before, "kill");
    else await stopProcess(before, "shutdown", RESTART_MS).catch(() => exit(before, "kill"));
    const deadline = performance.now() + RESTART_MS;
    while (!isBack(place, before) && performance.now() < deadline) await sleep(POLL_MS);
    if (isBack(place, before)) return intervened(place);
    throw new BanyanError("not_back", `${wanted} has not come back: it is ${condition(place.node, Date.now())}.`);
  }

  async suspend(wanted: string): Promise<Intervened> {
    const place = this.findOther(wanted);
    await inTime(suspend(running(place, wanted)));
    return intervened(place);
  }

  async resume(wanted: string): Promise<Intervened> {
    const place = this.findOther(wanted);
    await inTime(resume(running(place, wanted)));
    return intervened(place);
  }

  /** Ends it at once; its supervisor answers as to any crash. */
  async kill(wanted: string): Promise<Intervened> {
    const place = this.findOther(wanted);
    const pid = running(place, wanted);
    exit(pid, "kill");
    await pid.down;
    return intervened(place);
  }

  private find(wanted: string): Place {
    const place = placeOf(this.root, wanted);
    if (place === undefined) {
      throw new BanyanError("no_process", `There is no process ${wanted}; banyan tree shows those that are.`);
    }
    return place;
  }

  private findOther(wanted: string): Place {
    const place = this.find(wanted);
    if (place.pid?.id !== this.own.id) return place;
    throw new BanyanError("own_process", `${wanted} is the process that answers you; choose another.`);
  }
}

async function stateOf(pid: Pid): Promise<Pick<Inspected, "state" | "stateMissing">> {
  try {
    const { state } = await inTime(getStatus(pid));
    // An isolated process answers for itself.
    return { state: shown(await inTime(Promise.resolve(state))) };
  } catch (error) {
    return { stateMissing: messageOf(error) };
  }
}

function running({ pid }: Place, wanted: string): Pid {
  if (pid !== undefined) return pid;
  throw new BanyanError("not_running", `${wanted} does not run; restart it instead.`);
}

async function startAgain(place: Place, wanted: string): Promise<void> {
  const started = await restartChild(place.supervisor, place.id);
  if ("ok" in started || started.error === "running") return;
  throw new BanyanError("not_started", `${wanted} could not be started: ${started.error}.`);
}

function isBack({ pid, node }: Place, before: Pid | undefined): boolean {
  return pid !== undefined && pid.id !== before?.id && node.status === "running";
}

function intervened({ pid, node, id }: Place): Intervened {
  return {
    ...(pid === undefined ? {} : { id: pid.id }),
    name: node.name ?? id,
    condition: condition(node, Date.now()),
  };
}

function nameOf(pid: Pid): string {
  return pid.inspect().name ?? pid.id;
}

/** A request waits in the process's mailbox behind the message in hand. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: over.signal }).then(() => {
    const text = `it has been busy with one message for a while; what was asked waits its turn`;
    throw new BanyanError("busy", text);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    over.abort();
    late.catch(() => {});
  }
}
