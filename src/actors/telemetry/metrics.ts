// The metrics: counted from happenings and reports, read from the tree and from Node when somebody asks. Names begin with
// `banyan_` and end in their unit. Labels come from configuration and from servers, so each has at most so many values; what
// comes after them is counted under "other". This file loads prom-client, so it is imported when metrics are first needed.
import { statSync } from "node:fs";
import prom from "prom-client";
import { type Named, type Report, type TreeNode, treeOf } from "../../supervision/index.js";
import type { BreakerState } from "../breaker-life.js";
import type { Happening } from "./happenings.js";
import { limitedLabels } from "./label-limit.js";
import { figuresOf, type MetricFigures } from "./metric-figures.js";
import { NodeMetrics } from "./node-metrics.js";
import { queuesNow } from "./queues.js";

export interface MetricSources {
  /** The supervisor at the top of the tree. */
  readonly root: Named<unknown>;
  readonly database: string;
}

/** Upper bounds in seconds: from a cached read to a model that thinks. */
const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const STORE_SECONDS = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 1];
/** From an answer out of the cache to a first question that waits until all files are read. */
const QUERY_SECONDS = [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, ...STORE_SECONDS.slice(1), 10, 60];
const REBUILD_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const BREAKER_STATES = { closed: 0, "half-open": 1, open: 2 } as const;

export class Metrics {
  private readonly registry = new prom.Registry();
  private readonly node = new NodeMetrics(this.registry);
  private readonly connectionStates = new Map<string, string>();
  /** Children that have ended and may come back. */
  private readonly ended = new Set<string>();
  private readonly server = limitedLabels(200);
  private readonly tool = limitedLabels(300);
  private readonly model = limitedLabels(50);
  private readonly part = limitedLabels(300);
  private readonly code = limitedLabels(100);

  private readonly turns = this.counter("turns_total", "Turns, by how they ended.", "outcome");
  private readonly turnSeconds = this.histogram("turn_duration_seconds", "How long turns took.", SECONDS);
  private readonly calls = this.counter(
    "tool_calls_total",
    "Tool calls, by how they ended.",
    "server",
    "tool",
    "outcome",
  );
  private readonly callSeconds = this.histogram(
    "tool_call_duration_seconds",
    "How long tools ran, without the wait for an approval.",
    SECONDS,
    "server",
    "tool",
  );
  private readonly approvals = this.counter(
    "approvals_total",
    "Tool calls asked about, allowed and denied.",
    "decision",
  );
  private readonly modelRequests = this.counter("model_requests_total", "Requests to a model.", "model", "outcome");
  private readonly modelSeconds = this.histogram(
    "model_request_duration_seconds",
    "How long a model's answer took, from the request to its last word.",
    SECONDS,
    "model",
  );
  private readonly modelRetries = this.counter(
    "model_retries_total",
    "Requests that failed and were sent again.",
    "model",
  );
  private readonly tokens = this.counter(
    "model_tokens_total",
    "Tokens sent to and got from a model.",
    "model",
    "direction",
  );
  private readonly clientRequests = this.counter(
    "client_requests_total",
    "Requests of clients, by method.",
    "method",
    "outcome",
  );
  private readonly clientSeconds = this.histogram(
    "client_request_duration_seconds",
    "How long clients waited for an answer.",
    SECONDS,
    "method",
  );
  private readonly httpRequests = this.counter(
    "http_requests_total",
    "Requests over HTTP.",
    "method",
    "route",
    "status",
  );
  private readonly httpSeconds = this.histogram(
    "http_request_duration_seconds",
    "How long it took until the answer to a request over HTTP began.",
    SECONDS,
    "route",
  );
  private readonly requests = this.counter(
    "server_requests_total",
    "Requests to MCP servers, by method.",
    "server",
    "method",
    "outcome",
  );
  private readonly requestSeconds = this.histogram(
    "server_request_duration_seconds",
    "How long MCP servers took to answer.",
    SECONDS,
    "server",
    "method",
  );
  private readonly cacheLookups = this.counter("cache_lookups_total", "Looks into a cache.", "cache", "outcome");
  private readonly querySeconds = this.histogram(
    "catalog_query_duration_seconds",
    "How long the catalog took to answer, out of its cache (hit) or not (miss).",
    QUERY_SECONDS,
    "method",
    "outcome",
  );
  private readonly rebuildSeconds = this.histogram(
    "catalog_rebuild_duration_seconds",
    "How long it took to read all files of the catalog and make its index.",
    REBUILD_SECONDS,
  );
  private readonly entries = this.gauge("catalog_entries", "Entries of the catalog.", "kind");
  private readonly refusals = this.counter("refused_total", "Requests that the gate let not in.", "why");
  private readonly storeSeconds = this.histogram(
    "store_duration_seconds",
    "How long the database took for a query or a transaction.",
    STORE_SECONDS,
    "operation",
  );
  private readonly storeErrors = this.counter("store_errors_total", "Queries and transactions refused.", "operation");
  private readonly crashes = this.counter(
    "crashes_total",
    "Processes that ended by a failure of their own.",
    "process",
  );
  private readonly restarts = this.counter("restarts_total", "Children started again.", "supervisor", "child");
  private readonly strays = this.counter("stray_errors_total", "Errors that no process answers for.");
  private readonly overflows = this.counter("mailbox_overflows_total", "Messages refused or dropped.", "process");
  private readonly lines = this.counter("log_lines_total", "Lines written to the log.", "level");
  private readonly droppedLines = this.counter("log_lines_dropped_total", "Lines left out of the log.", "why");
  private readonly breakers = new Map<string, BreakerState>();

  constructor({ root, database }: MetricSources) {
    this.gaugeRead("queue_in_flight", "What is being done at a time, by queue.", ["queue"], (set) => {
      for (const { queue, inFlight } of queuesNow()) set(inFlight, { queue: this.part(queue) });
    });
    this.gaugeRead("queue_waiting", "What waits for its turn, by queue.", ["queue"], (set) => {
      for (const { queue, waiting } of queuesNow()) set(waiting, { queue: this.part(queue) });
    });
    this.gaugeRead("connections", "Servers by the state of their connection.", ["state"], (set) => {
      const counts = new Map<string, number>();
      for (const state of this.connectionStates.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
      for (const [state, count] of counts) set(count, { state });
    });
    this.gaugeRead(
      "mailbox_messages",
      "Messages waiting, by process; those without a name together.",
      ["process"],
      (set) => {
        const waiting = new Map<string, number>();
        for (const node of nodesOf(treeOf(root))) {
          const process = this.part(node.name ?? node.behaviour);
          waiting.set(process, (waiting.get(process) ?? 0) + node.mailbox);
        }
        for (const [process, count] of waiting) set(count, { process });
      },
    );
    this.gaugeRead("breaker_state", "0 closed, 1 half-open, 2 open.", ["service"], (set) => {
      const states = new Map(this.breakers);
      for (const { queue, breaker } of queuesNow()) if (breaker !== undefined) states.set(`the ${queue}`, breaker);
      for (const [service, state] of states) set(BREAKER_STATES[state], { service: this.part(service) });
    });
    this.gaugeRead("parked", "1 for each child that is parked.", ["child"], (set) => {
      for (const node of nodesOf(treeOf(root))) {
        if (node.parked !== undefined) set(1, { child: this.part(node.name ?? node.behaviour) });
      }
    });
    this.gaugeRead("client_sessions", "Clients that are connected.", [], (set) =>
      set([...nodesOf(treeOf(root))].filter(({ behaviour }) => behaviour === "ClientSession").length),
    );
    this.gaugeRead("processes", "Processes in the tree.", [], (set) => set([...nodesOf(treeOf(root))].length));
    this.gaugeRead("database_bytes", "Size of the database, with what is still in its log.", [], (set) => {
      const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      set(sizeOf(database) + sizeOf(`${database}-wal`));
    });
  }

  happened(fact: Happening): void {
    const seconds = "ms" in fact ? fact.ms / 1_000 : 0;
    switch (fact.type) {
      case "turn":
        this.turns.inc({ outcome: fact.outcome });
        this.turnSeconds.observe(seconds);
        break;
      case "tool_call":
        this.called(fact.tool, fact.outcome, seconds);
        break;
      case "client_request": {
        const method = this.code(fact.method);
        this.clientRequests.inc({ method, outcome: this.code(fact.outcome) });
        this.clientSeconds.observe({ method }, seconds);
        if (fact.tool !== undefined) this.called(fact.tool, fact.outcome, seconds);
        break;
      }
      case "http_request": {
        const { method, route, status } = fact;
        this.httpRequests.inc({ method: this.code(method), route, status: `${status}` });
        this.httpSeconds.observe({ route }, seconds);
        break;
      }
      case "approval":
        this.approvals.inc({ decision: fact.decision });
        break;
      case "model_request": {
        const model = this.model(fact.model);
        this.modelRequests.inc({ model, outcome: this.code(fact.outcome) });
        this.modelSeconds.observe({ model }, seconds);
        if (fact.retry) this.modelRetries.inc({ model });
        if (fact.inputTokens !== undefined) this.tokens.inc({ model, direction: "in" }, fact.inputTokens);
        if (fact.outputTokens !== undefined) this.tokens.inc({ model, direction: "out" }, fact.outputTokens);
        break;
      }
      case "server_request": {
        const [server, method] = [this.server(fact.server), this.code(fact.method)];
        this.requests.inc({ server, method, outcome: this.code(fact.outcome) });
        this.requestSeconds.observe({ server, method }, seconds);
        break;
      }
      case "connection":
        if (fact.state === "gone") this.connectionStates.delete(fact.server);
        else this.connectionStates.set(fact.server, fact.state);
        break;
      case "breaker":
        this.breakers.set(this.part(fact.service), fact.state);
        break;
      case "cache":
        this.cacheLookups.inc({ cache: this.part(fact.cache), outcome: fact.outcome });
        break;
      case "catalog_query": {
        const { outcome } = fact;
        this.cacheLookups.inc({ cache: "catalog", outcome });
        this.querySeconds.observe({ method: this.code(fact.method), outcome }, seconds);
        break;
      }
      case "catalog_index":
        for (const [kind, count] of Object.entries(fact.entries)) this.entries.set({ kind }, count);
        if (fact.ms !== undefined) this.rebuildSeconds.observe(fact.ms / 1_000);
        break;
      case "refused":
        this.refusals.inc({ why: fact.why });
        break;
      case "store":
        this.storeSeconds.observe({ operation: fact.operation }, seconds);
        if (fact.outcome === "failed") this.storeErrors.inc({ operation: fact.operation });
        break;
      case "turn_started":
      case "server_stderr":
      case "server_warning":
      case "tools":
      case "startup":
        break;
    }
  }

  reported(report: Report): void {
    const who = this.part(report.name ?? String(report.behaviour ?? report.id));
    if (report.kind === "crash") this.crashes.inc({ process: who });
    else if (report.kind === "overflow") this.overflows.inc({ process: who });
    else if (report.kind === "alert" && report.stray === true) this.strays.inc();
    else if (report.kind === "supervisor" && report.context === "child_terminated") this.ended.add(childKey(report));
    else if (report.kind === "progress" && this.ended.delete(childKey(report))) {
      this.restarts.inc({ supervisor: who, child: this.part(childId(report)) });
    }
    if (this.ended.size > 10_000) this.ended.clear(); // temporary children never come back
  }

  private called(name: string, outcome: string, seconds: number): void {
    const server = this.server(name.split(".", 1)[0] ?? "");
    const tool = this.tool(name);
    this.calls.inc({ server, tool, outcome: this.code(outcome) });
    this.callSeconds.observe({ server, tool }, seconds);
  }

  lineWritten(level: string): void {
    this.lines.inc({ level });
  }

  linesDropped(why: "rate" | "full", count: number): void {
    this.droppedLines.inc({ why }, count);
  }

  /** Prometheus' text format, version 0.0.4. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  figures(): Promise<MetricFigures[]> {
    return figuresOf(this.registry);
  }

  close(): void {
    this.node.close();
    this.registry.clear();
  }

  private counter<Label extends string>(name: string, help: string, ...labelNames: Label[]): prom.Counter<Label> {
    return new prom.Counter({ name: `banyan_${name}`, help, labelNames, registers: [this.registry] });
  }

  private histogram<Label extends string>(name: string, help: string, buckets: number[], ...labelNames: Label[]) {
    return new prom.Histogram<Label>({ name: `banyan_${name}`, help, buckets, labelNames, registers: [this.registry] });
  }

  private gauge<Label extends string>(name: string, help: string, ...labelNames: Label[]): prom.Gauge<Label> {
    return new prom.Gauge({ name: `banyan_${name}`, help, labelNames, registers: [this.registry] });
  }

  /** A gauge whose values are read when it is asked for. */
  private gaugeRead<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    read: (set: (value: number, labels?: Partial<Record<Label, string>>) => void) => void,
  ): void {
    new prom.Gauge<Label>({
      name: `banyan_${name}`,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        this.reset();
        read((value, labels = {}) => this.set(labels as Record<Label, string>, value)); // each sets all of its labels
      },
    });
  }
}

function* nodesOf(node: TreeNode | undefined): Generator<TreeNode> {
  if (node === undefined) return;
  yield node;
  for (const child of node.children ?? []) yield* nodesOf(child);
}

function childId({ child }: Report): string {
  if (typeof child !== "object" || child === null) return "?";
  return "id" in child ? String(child.id) : "?";
}

function childKey(report: Report): string {
  return `${report.id} ${childId(report)}`;
}
