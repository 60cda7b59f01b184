import { type Context, context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type SpanOptions, type Telemetry, toError, type TracedSpan } from "@statewave-connectors/connector-sdk/host";
import { openLogger } from "./open-logger.ts";
import { scope } from "./scope.ts";
import { formatTraceparent, parseTraceparent } from "./traceparent.ts";

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, consumer: SpanKind.CONSUMER } as const;

/**
 * Telemetry on the OpenTelemetry SDK that this program has registered; without one it records nothing. Closing it leaves the SDK
 * to the program.
 *
 * @example const runner = await createRunner({ ...loaded, telemetry: openTelemetry() });
 */
export function openTelemetry(): Telemetry {
  return {
    span: runSpan,
    current: () => formatTraceparent(trace.getSpanContext(context.active())),
    logger: openLogger,
    close: async () => undefined,
  };
}

async function runSpan<Result>(name: string, options: SpanOptions, work: (span: TracedSpan) => Promise<Result>): Promise<Result> {
  const { kind, attributes = {}, parent, links = [] } = options;
  const tracer = trace.getTracer(scope.name, scope.version);
  const under = parent === undefined ? context.active() : contextOf(parent);
  const settings = {
    kind: kind === undefined ? SpanKind.INTERNAL : kinds[kind],
    attributes,
    links: links.flatMap((link) => parseTraceparent(link) ?? []).map((linked) => ({ context: linked })),
  };
  const span = tracer.startSpan(name, settings, under);
  const fail = (thrown: unknown) => {
    const error = toError(thrown);
    // What a provider says may quote the source: the code says which kind of failure it was.
    const type = isConnectorsError(error) ? error.code : error.name;
    span.setAttribute("error.type", type);
    span.setStatus({ code: SpanStatusCode.ERROR, message: type });
  };
  try {
    return await context.with(trace.setSpan(under, span), () => work({ set: (more) => void span.setAttributes(more), fail }));
  } catch (error) {
    fail(error);
    throw error;
  } finally {
    span.end();
  }
}

/** Nothing of the caller's context: the work continues what another process or an earlier time began. */
function contextOf(parent: string): Context {
  const remote = parseTraceparent(parent);
  return remote === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, remote);
}
