// Aliases: the commands that users define, for one folder or for all. An alias of the folder goes before one for all, and no
// alias before a command that is built in. Those who list commands watch it.
// permanent, 1 s. It holds only who watches: the aliases are in the Store, and are read at each use, for another window may have
// changed them.
import { z } from "zod";
import {
  type Down,
  type Failure,
  failure,
  GenServer,
  isDown,
  messageOf,
  type Named,
  type Ref,
} from "../supervision/index.js";
import { again } from "./again.js";
import { AliasError, expandAlias, partsOf } from "./alias-expansion.js";
import { Condition, type HealthStatus } from "./health/status.js";
import { type Store, StoreError } from "./store/store.js";

export interface AliasesOptions {
  readonly store: Named<Store>;
  readonly project: string;
  /** Names of the commands that are built in. */
  readonly reserved: readonly string[];
}

/** Whether an alias is for this folder alone. */
export type AliasScope = "project" | "global";

export interface Alias {
  readonly name: string;
  /** Lines, ended by `;;` or a line end, with `$1` to `$9` for the words that follow the name and `$@` for all of them. */
  readonly expansion: string;
  readonly scope: AliasScope;
}

export interface AliasWatcher {
  aliasesChanged(aliases: readonly Alias[]): void;
}

type Refused = Failure<AliasError | StoreError>;

const nameSchema = z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/);
const LONGEST_EXPANSION = 16 * 1024;
/** Most aliases of a folder, and as many for all folders. */
const MOST = 200;
/** The project under which the aliases for all folders lie. */
const GLOBAL = "";

export class Aliases extends GenServer<AliasesOptions, { readonly project: string }> {
  private options!: AliasesOptions; // set by init
  private store!: Ref<Store>; // set by init
  private readonly watchers = new Map<number, Ref<AliasWatcher>>();
  private readonly condition = new Condition("not used yet");

  protected override init(options: AliasesOptions) {
    this.options = options;
    this.store = this.use(options.store);
    this.state = { project: options.project };
  }

  protected override handleInfo(message: Down) {
    if (isDown(message)) this.watchers.delete(message.id);
  }

  /** Those of this folder and those for all, by name. Fails with {@link StoreError}. */
  list(): Promise<Alias[] | Refused> {
    return this.told(() => this.read());
  }

  /**
   * Defines an alias or changes it; resolves once it is on disk. Fails with {@link AliasError} for a name that is none or built in, an
   * expansion that is empty, too long or a circle, and one alias too many.
   */
  define(alias: Alias): Promise<undefined | Refused> {
    return this.told(async () => {
      const { name, scope } = alias;
      const expansion = partsOf(alias.expansion).join("\n");
      const aliases = await this.read();
      this.check({ name, expansion, scope }, aliases);
      await again(() =>
        this.store.call.write({
          sql: "INSERT OR REPLACE INTO aliases (project, name, expansion, updated_at) VALUES (?, ?, ?, ?)",
          params: [this.projectOf(scope), name, expansion, Date.now()],
        }),
      );
      await this.tell();
      return undefined;
    });
  }

  /** Removes an alias; false if there is none of this name there. Fails with {@link StoreError}. */
  remove(name: string, scope: AliasScope): Promise<boolean | Refused> {
    return this.told(async () => {
      // Not by the number of rows: a call that is made again after a crash would find none.
      const known = (await this.read()).some((alias) => alias.name === name && alias.scope === scope);
      const sql = "DELETE FROM aliases WHERE project = ? AND name = ?";
      await again(() => this.store.call.write({ sql, params: [this.projectOf(scope), name] }));
      await this.tell();
      return known;
    });
  }

  /** The lines that `/name arguments` stands for; undefined when it is no alias. Fails with {@link AliasError}. */
  expand(line: string): Promise<string[] | undefined | Refused> {
    return this.told(async () => expandAlias(line, this.lookup(await this.read())));
  }

  /** Casts every change to the watcher, until it ends. Watching twice is watching once. */
  watch(watcher: Ref<AliasWatcher>): Promise<Alias[] | Refused> {
    const known = [...this.watchers.values()].some((other) => `${other}` === `${watcher}`);
    if (!known) this.watchers.set(this.monitor(watcher), this.use(watcher));
    return this.list();
  }

  getStatus(): HealthStatus {
    return this.condition.status;
  }

  private check({ name, expansion, scope }: Alias, aliases: readonly Alias[]): void {
    if (!nameSchema.safeParse(name).success) {
      throw new AliasError(
        "alias_name",
        `"${name.slice(0, 40)}" is no name for an alias: begin with a-z, go on with a-z, 0-9, "_" or "-", at most 32.`,
      );
    }
    if (this.options.reserved.includes(name)) {
      throw new AliasError("alias_reserved", `/${name} is a command already; choose another name.`);
    }
    if (expansion === "") throw new AliasError("alias_empty", `Say what /${name} stands for: /alias ${name} = text`);
    if (expansion.length > LONGEST_EXPANSION) {
      throw new AliasError(
        "alias_too_long",
        `/${name} stands for more than ${LONGEST_EXPANSION} characters; shorten it.`,
      );
    }
    const others = aliases.filter((alias) => alias.name !== name || alias.scope !== scope);
    if (others.filter((alias) => alias.scope === scope).length >= MOST) {
      throw new AliasError("alias_too_many", `There are ${MOST} aliases already; remove one with /unalias NAME.`);
    }
    // A circle is found when it is made. Nine words satisfy every placeholder.
    expandAlias(`/${name} 1 2 3 4 5 6 7 8 9`, this.lookup([...others, { name, expansion, scope }]));
  }

  private lookup(aliases: readonly Alias[]): (name: string) => string | undefined {
    return (name) => {
      if (this.options.reserved.includes(name)) return undefined;
      const named = aliases.filter((alias) => alias.name === name);
      return (named.find(({ scope }) => scope === "project") ?? named[0])?.expansion;
    };
  }

  private projectOf(scope: AliasScope): string {
    return scope === "global" ? GLOBAL : this.options.project;
  }

  private async read(): Promise<Alias[]> {
    const sql = "SELECT project, name, expansion FROM aliases WHERE project IN (?, ?) ORDER BY name, project DESC";
    const rows = await again(() => this.store.call.all({ sql, params: [this.options.project, GLOBAL] }));
    this.condition.say("ok", `${rows.length} defined`);
    return rows.map(({ project, name, expansion }) => ({
      name: String(name),
      expansion: String(expansion),
      scope: project === GLOBAL ? "global" : "project",
    }));
  }

  private async tell(): Promise<void> {
    const aliases = await this.read();
    for (const watcher of this.watchers.values()) watcher.cast.aliasesChanged(aliases);
  }

  /** What is refused is the caller's to know, and no crash. */
  private async told<T>(work: () => Promise<T>): Promise<T | Refused> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof AliasError) return failure(error);
      if (!(error instanceof StoreError)) throw error;
      this.condition.say("error", messageOf(error));
      return failure(error);
    }
  }
}
