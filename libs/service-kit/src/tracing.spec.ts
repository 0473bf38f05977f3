import { logFields, withLogFields } from './log-context';
import { inTrace, parseTraceparent, traceHeaders } from './tracing';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

describe('parseTraceparent', () => {
  it('reads the W3C form', () => {
    expect(parseTraceparent(traceparent)).toEqual({
      traceId,
      spanId: '00f067aa0ba902b7',
      traceFlags: 1,
      isRemote: true,
    });
  });

  it.each([undefined, '', 'abc', traceparent.replace(traceId, '0'.repeat(32)), `${traceparent}-x`])(
    'does not accept %p as a trace',
    (text) => expect(parseTraceparent(text)).toBeNull(),
  );
});

describe('inTrace', () => {
  it('continues the sender’s trace with a new span', async () => {
    const sent = await inTrace('sampling', { traceparent }, () => Promise.resolve(traceHeaders()));
    const own = parseTraceparent(sent['traceparent']);
    expect(own?.traceId).toBe(traceId);
    expect(own?.spanId).not.toBe('00f067aa0ba902b7');
    expect(own?.traceFlags).toBe(1);
  });

  it('starts a trace if the sender had none', async () => {
    const first = await inTrace('data-prep', {}, () => Promise.resolve(traceHeaders()));
    const second = await inTrace('data-prep', {}, () => Promise.resolve(traceHeaders()));
    const ids = [first, second].map((one) => parseTraceparent(one['traceparent'])?.traceId);
    expect(ids[0]).toBeDefined();
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('leaves nothing behind', async () => {
    await inTrace('x', { traceparent }, () => Promise.resolve());
    expect(traceHeaders()).toEqual({});
  });
});

describe('withLogFields', () => {
  it('adds to the fields around it, across awaits', async () => {
    const seen = await withLogFields({ run: 'r1' }, () =>
      withLogFields({ stage: 'sampling' }, async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return logFields();
      }),
    );
    expect(seen).toEqual({ run: 'r1', stage: 'sampling' });
    expect(logFields()).toEqual({});
  });
});
