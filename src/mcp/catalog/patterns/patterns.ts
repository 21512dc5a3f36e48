// Patterns and decisions: the rows are the Store's, what is searched is a table in memory a project. A row is written before its
// table changes, so what was acknowledged is on disk. Other programs write to the same database: what they change is seen within a
// second.
import { randomUUID } from "node:crypto";
import { again } from "../../../actors/again.js";
import type { Row, Statement } from "../../../actors/store/statement.js";
import type { Store } from "../../../actors/store/store.js";
import type { Ref } from "../../../supervision/index.js";
import type { Decision, DecisionAnswer, Pattern, StoredPattern } from "../queries.js";
import {
  becomePattern,
  changedPatterns,
  learn,
  onePattern,
  patternFigures,
  patternOf,
  patternOfGoal,
  patternsNow,
  somePatterns,
  storeDecision,
  storePattern,
} from "./pattern-rows.js";
import { PatternTable } from "./pattern-table.js";

/** One as near as this serves the same goal. */
export const NEAR = 0.7;
const LONGEST_GOAL = 500;
/** Read at a time: a few milliseconds' work. */
const ROWS = 300;
const LOOK_MS = 1_000;
/** Projects whose patterns are in memory; of others they are read again. */
const MOST_PROJECTS = 8;

interface Known {
  readonly table: PatternTable;
  read: Promise<void>;
  /** Rows that something else has written, and wrongly. */
  unreadable: number;
  /** When the latest of them was changed. */
  changed: string;
  lookedAt: number;
  looking: Promise<void> | undefined;
}

export class Patterns {
  private readonly projects = new Map<string, Known>();

  constructor(
    /** Bound to the process that has this. */
    private readonly store: Ref<Store>,
    /** What is known of patterns is not so any more. */
    private readonly changed: () => void,
  ) {}

  /** Another database took the place of the one that these are from. */
  forget(): void {
    this.projects.clear();
    this.changed();
  }

  /** What there is of a project, as it was within the last second. */
  async of(project: string): Promise<PatternTable> {
    const known = this.projects.get(project) ?? this.begin(project);
    await known.read;
    if (performance.now() - known.lookedAt < LOOK_MS) return known.table;
    known.looking ??= this.look(project, known);
    await known.looking;
    return this.projects.get(project) === known ? known.table : this.of(project);
  }

  /** Resolves once it is on disk. */
  async storePattern(project: string, pattern: StoredPattern): Promise<Pattern> {
    const now = new Date().toISOString();
    await this.write(storePattern(project, `pattern-${randomUUID()}`, pattern, now));
    const [row = {}] = await this.all(patternOfGoal(project, pattern.goal));
    const stored = patternOf(row);
    if (stored === undefined) throw new TypeError("a pattern that was written cannot be read");
    this.take(project, stored);
    return stored;
  }

  /**
   * Resolves once it is on disk, with what learned from it. A success of two agents or more that followed no pattern becomes one itself,
   * where none is near.
   */
  async decide(project: string, decision: Decision): Promise<DecisionAnswer> {
    const now = new Date().toISOString();
    const goal = shortened(decision.task_description);
    const isNew = decision.pattern_id === undefined && (await this.isWorthKeeping(project, goal, decision));
    const id = decision.pattern_id ?? (isNew ? `pattern-${randomUUID()}` : undefined);
    const taught =
      id === undefined
        ? []
        : isNew
          ? [becomePattern(project, id, goal, decision, now)]
          : learn(project, id, decision, now);
    const [stored, learned] = await this.write(storeDecision(project, decision, now), ...taught);
    if (stored !== 1) return { stored: false, known: true };
    if (id === undefined || learned !== 1) return { stored: true, known: false };
    const [row] = await this.all(onePattern(project, id));
    const pattern = row === undefined ? undefined : patternOf(row);
    if (pattern === undefined) this.drop(project, id);
    else this.take(project, pattern);
    return { stored: true, known: false, pattern_id: id };
  }

  async figures(project: string): Promise<{ total: number; rate: number }> {
    const [row] = await this.all(patternFigures(project));
    return { total: Number(row?.total ?? 0), rate: Number(row?.rate ?? 0) };
  }

  private async isWorthKeeping(project: string, goal: string, { agents_used, result }: Decision): Promise<boolean> {
    if (result !== "success" || new Set(agents_used).size < 2) return false;
    return (await this.of(project)).find(goal, NEAR, 1).length === 0;
  }

  private begin(project: string): Known {
    const [oldest] = this.projects.size < MOST_PROJECTS ? [] : this.projects.keys();
    if (oldest !== undefined) this.projects.delete(oldest);
    const begun = { read: Promise.resolve(), unreadable: 0, changed: "", lookedAt: performance.now() };
    const known: Known = { ...begun, table: new PatternTable(), looking: undefined };
    known.read = this.read(project, known);
    known.read.catch(() => this.leave(project, known));
    this.projects.set(project, known);
    return known;
  }

  private leave(project: string, known: Known): void {
    if (this.projects.get(project) === known) this.projects.delete(project);
  }

  private async read(project: string, known: Known): Promise<void> {
    for (let after = ""; ; ) {
      const rows = await this.all(somePatterns(project, after, ROWS));
      for (const row of rows) put(known, patternOf(row));
      const last = rows.at(-1)?.id;
      if (rows.length < ROWS || typeof last !== "string") return;
      after = last;
    }
  }

  /** Takes in what others have changed; where some of them are gone, all are read again. */
  private async look(project: string, known: Known): Promise<void> {
    try {
      const [now] = await this.all(patternsNow(project));
      known.lookedAt = performance.now();
      const isAll = (): boolean =>
        now?.count === known.table.size + known.unreadable && (now.changed ?? "") === known.changed;
      if (isAll()) return;
      for (const row of await this.all(changedPatterns(project, known.changed, ROWS))) put(known, patternOf(row));
      if (!isAll()) this.leave(project, known);
      this.changed();
    } finally {
      known.looking = undefined;
    }
  }

  private take(project: string, pattern: Pattern): void {
    const known = this.projects.get(project);
    if (known !== undefined) put(known, pattern);
    this.changed();
  }

  private drop(project: string, id: string): void {
    this.projects.get(project)?.table.remove(id);
    this.changed();
  }

  private all(statement: Statement): Promise<Row[]> {
    return again(() => this.store.call.all(statement));
  }

  /** Every statement of ours may be written twice and has its effect once. */
  private write(...statements: Statement[]): Promise<number[]> {
    return again(() => this.store.call.write(...statements));
  }
}

function put(known: Known, pattern: Pattern | undefined): void {
  if (pattern === undefined) {
    known.unreadable++;
    return;
  }
  known.table.put(pattern);
  if (pattern.updated_at > known.changed) known.changed = pattern.updated_at;
}

/** A description is longer than a goal may be. */
function shortened(text: string): string {
  return text.length <= LONGEST_GOAL ? text : text.slice(0, LONGEST_GOAL).replace(/\s+\S*$/, "");
}
