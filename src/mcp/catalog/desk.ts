// Where every question goes through: checked, answered out of the cache or worked out and kept there, counted, timed and logged.
import { z } from "zod";
import { announce } from "../../actors/telemetry/happenings.js";
import { type BanyanError, type Failure, failure, type NoReply } from "../../supervision/index.js";
import { AnswerCache, canonicalJson } from "./answer-cache.js";
import { CatalogError } from "./catalog-error.js";
import type { CatalogStats } from "./catalog-stats.js";
import { Figures } from "./figures.js";
import { type LoggedQuery, QueryLog, type QueryLogOptions } from "./query-log.js";
import { wrongParams } from "./wrong-params.js";

/** What a method of the process answers, now or (no reply) later. */
export type Answer<T> = T | Failure<BanyanError> | NoReply;

/** Of params that were checked: which question it is, and what of it goes into the log. */
export interface Question {
  readonly method: string;
  /** With its defaults filled in. */
  readonly asked: unknown;
  readonly started: number;
  readonly logged: Pick<LoggedQuery, "capability" | "role" | "context">;
}

export interface DeskOptions extends QueryLogOptions {
  /** Without it nothing is answered. */
  readonly enabled: boolean;
  /** How long the answers of a method hold, in milliseconds. */
  ttlOf(method: string): number;
}

export class Desk {
  readonly figures = new Figures();
  private readonly answers: AnswerCache;
  private readonly log: QueryLog;

  constructor(private readonly options: DeskOptions) {
    this.answers = new AnswerCache((method) => options.ttlOf(method));
    this.log = new QueryLog(options);
  }

  /** Checks what is asked, and counts it. */
  checked<Schema extends z.ZodType, T>(
    method: string,
    schema: Schema,
    params: unknown,
    go: (asked: z.output<Schema>, question: Question) => Answer<T>,
  ): Answer<T> {
    const started = performance.now();
    if (!this.options.enabled) {
      return failure(new CatalogError("catalog_off", "The catalog is off; set enabled = true under [catalog]."));
    }
    this.figures.asked(method);
    const parsed = schema.safeParse(params);
    if (!parsed.success) return failure(invalidParams(method, schema, params, parsed.error));
    return go(parsed.data, { method, asked: parsed.data, started, logged: {} });
  }

  /** The answer out of the cache, or worked out and kept there; told to the log and the figures either way. */
  remembered<T extends { readonly cache_hit: boolean }>(
    question: Question,
    idsOf: (answer: T) => readonly string[],
    work: () => T | Promise<T>,
  ): T | Promise<T> {
    const { method, asked, started, logged } = question;
    const params = canonicalJson(asked);
    const tell = (answer: T): T => {
      const ms = performance.now() - started;
      this.figures.answered(answer.cache_hit, ms);
      announce({ type: "catalog_query", method, outcome: answer.cache_hit ? "hit" : "miss", ms });
      this.log.add({ method, params, ...logged, returned: idsOf(answer), cacheHit: answer.cache_hit, ms });
      return answer;
    };
    const known = this.answers.get(method, params) as T | undefined; // under its method lie answers of its type
    if (known !== undefined) return tell({ ...known, cache_hit: true });
    const keep = this.answers.keeper(method, params);
    const done = (answer: T): T => {
      keep(answer);
      return tell(answer);
    };
    const answer = work();
    return answer instanceof Promise ? answer.then(done) : done(answer);
  }

  /** Has an answer at hand that nobody has asked for yet: it counts for nothing. */
  prepare(method: string, asked: unknown, answer: object): void {
    this.answers.keeper(method, canonicalJson(asked))(answer);
  }

  /** What these methods have answered is not so any more. */
  forget(methods: readonly string[]): void {
    this.answers.clear(methods);
  }

  /** Hands the log over. */
  flush(): void {
    this.log.flush();
  }

  cacheFigures(): CatalogStats["cache"] {
    const { hits, misses, size: entries } = this.answers;
    return { hits, misses, hit_rate: hits + misses === 0 ? 0 : hits / (hits + misses), entries };
  }
}

function invalidParams(method: string, schema: z.ZodType, params: unknown, error: z.ZodError): CatalogError {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const issues = error.issues.flatMap((issue) =>
    wrongParams([issue], params, known).map((message) => ({ path: issue.path.join("."), message })),
  );
  const told = issues.map(({ message }) => message).join("; ");
  return new CatalogError("invalid_params", `${method} cannot be asked like this: ${told}.`, issues);
}
