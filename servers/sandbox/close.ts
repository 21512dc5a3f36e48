// How a power is taken away for good: what gave it throws a sentence from then on, and can be neither written over nor removed.

/** A power that the sandbox keeps from this process. */
export class SandboxError extends Error {
  readonly code = "ERR_ACCESS_DENIED";
}

/** Anything with properties: a module's exports, a prototype, `process`. */
export type Holder = Record<PropertyKey, unknown>;

/** Takes the named properties of `holder` away; `as` is how their author knows it, such as `process`. */
export function close(holder: Holder, as: string, names: Iterable<PropertyKey>, mend = ""): void {
  for (const name of names) {
    if (!(name in holder)) continue;
    const called = `${as}.${String(name)}`;
    fix(holder, name, () => {
      throw new SandboxError(`${called} is closed in this sandbox${mend}.`);
    });
  }
}

/** Takes all of a module away. What hangs below it (`promises`, `constants`) Node itself may use, so it is not touched but let go. */
export function closeAll(holder: Holder, as: string, mend = ""): void {
  for (const name of Reflect.ownKeys(holder)) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    // A getter may do anything.
    const isFunction = descriptor?.get !== undefined || typeof descriptor?.value === "function";
    if (isFunction) close(holder, as, [name], mend);
    else if (isHolder(descriptor?.value)) fix(holder, name, Object.freeze({}));
  }
}

/** Puts a value in place of a property, for good where the language lets it. */
export function fix(holder: Holder, name: PropertyKey, value: unknown): void {
  const now = Object.getOwnPropertyDescriptor(holder, name);
  if (now === undefined || now.configurable === true) {
    const enumerable = now?.enumerable ?? true;
    Object.defineProperty(holder, name, { value, enumerable, writable: false, configurable: false });
  } else if (now.writable === true) {
    Object.defineProperty(holder, name, { value, writable: false });
  }
}

export function isHolder(value: unknown): value is Holder {
  return typeof value === "object" && value !== null;
}
