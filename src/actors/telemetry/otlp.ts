// Spans exported by OpenTelemetry over OTLP/HTTP. This file loads the SDK, so it is imported only where an endpoint is
// configured. A collector that is away costs nothing but the spans: they wait in a bounded queue and are dropped when it is full.
import { type Attributes, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-node";
import { readTraceparent, type Span, type StartSpan } from "./spans.js";

export interface OtlpOptions {
  /** The collector's base address; `/v1/traces` is added, as OTLP says. */
  readonly endpoint: string;
  /** The part of traces that is kept, 0 to 1. */
  readonly sampleRatio: number;
  readonly version: string;
}

export interface Exporting {
  readonly start: StartSpan;
  /** Sends what waits, for at most a second and a half, and ends. */
  stop(): Promise<void>;
}

const SEND_EVERY_MS = 1_000;
const SEND_TIMEOUT_MS = 3_000;
const MOST_WAITING = 2_048;
const STOP_MS = 1_500;

export function exportOverHttp({ endpoint, sampleRatio, version }: OtlpOptions): Exporting {
  const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ url, timeoutMillis: SEND_TIMEOUT_MS }), {
    scheduledDelayMillis: SEND_EVERY_MS,
    maxQueueSize: MOST_WAITING,
    exportTimeoutMillis: SEND_TIMEOUT_MS,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "banyan", "service.version": version }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer("banyan");

  const start = (name: string, { kind, parent, attributes }: Parameters<StartSpan>[1]): Span => {
    const above = readTraceparent(parent);
    const context =
      above === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, {
            traceId: above.traceId,
            spanId: above.spanId,
            traceFlags: above.flags,
          });
    const options = {
      kind: kind === "client" ? SpanKind.CLIENT : SpanKind.INTERNAL,
      ...(attributes === undefined ? {} : { attributes: attributes as Attributes }), // ours are a part of theirs
    };
    const span = tracer.startSpan(name, options, context);
    const { traceId, spanId, traceFlags } = span.spanContext();
    return {
      traceId,
      traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`,
      end: ({ error, attributes: found } = {}) => {
        if (!span.isRecording()) return;
        if (found !== undefined) span.setAttributes(found as Attributes); // as above
        if (error !== undefined) {
          span.setAttribute("error.type", error);
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end();
      },
    };
  };
  return {
    start,
    stop: async () => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, STOP_MS).unref());
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
}
