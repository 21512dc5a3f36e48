// A process that registers on demand, for the registry's cases.
import {
  GenServer,
  isRegistryMessage,
  type Pid,
  type Registry,
  type RegistryMessage,
} from "../../../src/supervision/index.js";

export class Registrant<K, V> extends GenServer<Registry<K, V>, { heard: RegistryMessage[] }> {
  private registry!: Registry<K, V>; // set by init
  protected override init(registry: Registry<K, V>) {
    this.registry = registry;
    this.state = { heard: [] };
  }
  protected override handleInfo(message: unknown) {
    if (isRegistryMessage(message)) this.state.heard.push(message);
  }
  register(key: K, value: V) {
    return this.registry.register(this, key, value);
  }
  unregister(key: K) {
    this.registry.unregister(this, key);
  }
  unregisterMatch(key: K, test: (value: V) => boolean) {
    this.registry.unregisterMatch(this, key, test);
  }
  update(key: K, fn: (value: V) => V) {
    return this.registry.updateValue(this, key, fn);
  }
  lock<R>(key: unknown, fn: () => R) {
    return this.registry.lock(this, key, fn);
  }
  heard() {
    return this.state.heard.map(({ type, key, pid, value }) => ({ type, key, pid, value }));
  }
}

/** A process that registers in `registry`. */
export function registrant<K, V>(registry: Registry<K, V>): Promise<Pid<Registrant<K, V>>> {
  // A class's own type parameters are not seen through `start`: the argument says which they are.
  return Registrant.start(registry as never) as Promise<Pid<never>> as Promise<Pid<Registrant<K, V>>>;
}
