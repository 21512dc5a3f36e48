// Making a child spec and checking one. Errors are OTP's words (otp: stdlib, supervisor, `check_childspecs`).
import type { AutoShutdown, Backoff, ChildSpec } from "./child-spec.js";
import { type Named, registeredName } from "./ref.js";
import type { Result } from "./result.js";
import type { ArgOf, BehaviourClass } from "./server.js";

/** What starts a child; apart from the spec's plain fields and carried along when a spec is copied with a spread. */
export const start: unique symbol = Symbol("start");

export interface Start {
  readonly behaviour: BehaviourClass;
  readonly arg: unknown;
  readonly name: string | undefined;
}

export type StartableSpec = ChildSpec & { readonly [start]: Start };

export type ChildOptions<T> = Partial<ChildSpec> & { readonly name?: Named<T> };

/** The rest of `child`'s arguments: the start argument may be left out where the class takes none. */
type ChildArguments<C extends BehaviourClass> =
  undefined extends ArgOf<C>
    ? [arg?: ArgOf<C>, options?: ChildOptions<InstanceType<C>>]
    : [arg: ArgOf<C>, options?: ChildOptions<InstanceType<C>>];

/** A child spec: `child(Counter, 40, { name: counter, restart: "permanent", shutdown: 5_000 })`. The id is the name's, or
 * the class's, unless given. What is no class of processes is found out where the spec is used, as `invalid_mfa`. */
export function child<C extends BehaviourClass>(behaviour: C, ...[arg, options = {}]: ChildArguments<C>): ChildSpec {
  const { name, ...fields } = options;
  const ofClass = isBehaviour(behaviour) ? behaviour.childSpec : {};
  const type = fields.type ?? ofClass.type ?? "worker";
  const spec: StartableSpec = {
    id: name?.name ?? String(behaviour?.name),
    restart: "permanent",
    shutdown: type === "supervisor" ? "infinity" : 5_000,
    type,
    significant: false,
    mailbox: "drop",
    isolation: "inline",
    ...ofClass,
    ...fields,
    [start]: { behaviour, arg, name: registeredName(name) },
  };
  return spec;
}

const RESTARTS: readonly unknown[] = ["permanent", "transient", "temporary"];
const TYPES: readonly unknown[] = ["worker", "supervisor"];
const MAILBOXES: readonly unknown[] = ["drop", "keep"];
const OVERFLOWS: readonly unknown[] = ["reject", "drop_oldest", "drop_newest"];
const ISOLATIONS: readonly unknown[] = ["inline", "thread", "process"];

/** What is wrong with a spec, in OTP's words, or undefined. Whether `significant` fits the supervisor is seen only where its
 * `autoShutdown` is given. */
export function specError(spec: unknown, autoShutdown?: AutoShutdown): string | undefined {
  if (typeof spec !== "object" || spec === null) return "invalid_child_spec";
  // Read field by field: a spec may come from plain JavaScript.
  const given: Partial<Record<keyof ChildSpec | typeof start, unknown>> = spec;
  if (typeof given.id !== "string" || given.id === "") return "missing_id";
  if (given[start] === undefined) return "missing_start";
  if (!isStart(given[start])) return "invalid_mfa";
  if (!RESTARTS.includes(given.restart)) return "invalid_restart_type";
  if (typeof given.significant !== "boolean") return "invalid_significant";
  if (given.significant && (autoShutdown === "never" || given.restart === "permanent")) return "bad_combination";
  if (!TYPES.includes(given.type)) return "invalid_child_type";
  if (!isShutdown(given.shutdown)) return "invalid_shutdown";
  if (!MAILBOXES.includes(given.mailbox)) return "invalid_mailbox";
  if (given.capacity !== undefined && !isCount(given.capacity)) return "invalid_capacity";
  if (given.overflow !== undefined && !OVERFLOWS.includes(given.overflow)) return "invalid_overflow";
  if (given.startTimeout !== undefined && !isDuration(given.startTimeout)) return "invalid_start_timeout";
  if (given.progressDeadline !== undefined && !isDuration(given.progressDeadline)) return "invalid_progress_deadline";
  if (given.backoff !== undefined && !isBackoff(given.backoff)) return "invalid_backoff";
  if (given.park !== undefined && !isBackoff(given.park)) return "invalid_park";
  return isolationError(given);
}

function isolationError(given: Partial<Record<keyof ChildSpec, unknown>>): string | undefined {
  const { isolation, maxHeapMb, maxMemoryMb, startTimeout } = given;
  if (!ISOLATIONS.includes(isolation)) return "invalid_isolation";
  if (maxHeapMb !== undefined && !isAmount(maxHeapMb)) return "invalid_max_heap";
  if (maxMemoryMb !== undefined && !isAmount(maxMemoryMb)) return "invalid_max_memory";
  if (startTimeout !== undefined && !isAmount(startTimeout)) return "invalid_start_timeout";
  if (maxHeapMb !== undefined && isolation === "inline") return "bad_combination";
  if (maxMemoryMb !== undefined && isolation !== "process") return "bad_combination";
  return undefined;
}

/** Checks a list of child specs as a supervisor would: `{ ok: true }`, or OTP's word for the first mistake with the spec's id,
 * or the value that is no spec, as `detail`. With `autoShutdown`, also whether significant children fit it.
 * (otp: supervisor, `check_childspecs/2`) */
export function checkChildSpecs(specs: unknown, autoShutdown?: AutoShutdown): Result<true> {
  const ids = new Set<string>();
  return addChildSpecs(specs, autoShutdown, ({ id }) => ids.size < ids.add(id).size);
}

/** Checks each spec and hands it to `add`, which is false where the id is taken; stops at the first mistake. A supervisor finds
 * out in its own table, for a second one costs a start of thousands a tenth of its time. */
export function addChildSpecs(
  specs: unknown,
  autoShutdown: AutoShutdown | undefined,
  add: (spec: ChildSpec) => boolean,
): Result<true> {
  if (!Array.isArray(specs)) return { error: "badarg", detail: specs };
  for (const spec of specs as readonly ChildSpec[]) {
    const wrong = specError(spec, autoShutdown);
    if (wrong !== undefined) return { error: wrong, detail: spec?.id ?? spec };
    if (!add(spec)) return { error: "duplicate_child_name", detail: spec.id };
  }
  return { ok: true };
}

/** True of every spec that `specError` finds nothing wrong with. */
export function isStartable(spec: ChildSpec): spec is StartableSpec {
  return start in spec;
}

function isStart(value: unknown): value is Start {
  return typeof value === "object" && value !== null && "behaviour" in value && isBehaviour(value.behaviour);
}

/** Every class of processes inherits `childSpec`. */
function isBehaviour(value: unknown): value is BehaviourClass {
  return typeof value === "function" && "childSpec" in value;
}

function isShutdown(value: unknown): boolean {
  return value === "infinity" || value === "brutal_kill" || (typeof value === "number" && value >= 0);
}

function isAmount(value: unknown): boolean {
  return typeof value === "number" && value > 0;
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value > 0;
}

function isDuration(value: unknown): boolean {
  return typeof value === "number" && value > 0 && value < Number.POSITIVE_INFINITY;
}

function isBackoff(value: unknown): value is Backoff {
  if (typeof value !== "object" || value === null) return false;
  const { initial, max, jitter }: Partial<Record<keyof Backoff, unknown>> = value;
  return (
    typeof initial === "number" &&
    initial > 0 &&
    typeof max === "number" &&
    max >= initial &&
    typeof jitter === "number" &&
    jitter >= 0 &&
    jitter <= 1
  );
}
