import { SpanStatusCode, context, trace, type SpanContext } from '@opentelemetry/api';
import { messageOf } from '@factory/domain';
import { randomBytes } from 'node:crypto';
import { logFields, withLogFields } from './log-context';

const TRACEPARENT = 'traceparent';
const SHAPE = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Reads a W3C `traceparent`; null for anything else. Source: https://www.w3.org/TR/trace-context/ */
export function parseTraceparent(text: string | undefined): SpanContext | null {
  const [, traceId, spanId, flags] = SHAPE.exec(text ?? '') ?? [];
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

/** Headers that make the receiver's work part of this trace; empty outside a trace. */
export function traceHeaders(): Record<string, string> {
  const active = trace.getSpanContext(context.active());
  const traceparent = active ? formatTraceparent(active) : logFields().traceparent;
  return traceparent ? { [TRACEPARENT]: traceparent } : {};
}

/**
 * Runs work as a span of the trace of its message, or of a new one. The trace is propagated through messages
 * even without an OpenTelemetry SDK; then no spans are recorded.
 */
export async function inTrace<T>(
  name: string,
  headers: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  const parent = parseTraceparent(headers[TRACEPARENT]);
  const parentContext = parent ? trace.setSpanContext(context.active(), parent) : context.active();
  return trace.getTracer('factory').startActiveSpan(name, {}, parentContext, async (span) => {
    const traceparent = formatTraceparent(ownSpan(span.spanContext(), parent));
    try {
      return await withLogFields({ traceparent }, work);
    } catch (thrown) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(thrown) });
      throw thrown;
    } finally {
      span.end();
    }
  });
}

/** Without an SDK the span is the parent's, or all zeros: then it gets its own ids. */
function ownSpan(span: SpanContext, parent: SpanContext | null): SpanContext {
  const recorded = trace.isSpanContextValid(span) && span.spanId !== parent?.spanId;
  if (recorded) return span;
  return {
    traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    traceFlags: parent?.traceFlags ?? 0,
  };
}

function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
