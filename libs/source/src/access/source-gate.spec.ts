import { SourceAwayError, SourceWaitError } from '@factory/domain';
import { SilenceWatch } from './silence-watch';
import { SourceGate, type Leave } from './source-gate';

const GONE = new SourceAwayError('dead', 'unreachable', { cause: new Error('gone') });

function gateOf(slots: number, sourceConcurrency = 99): { gate: SourceGate; clock: { ms: number } } {
  const clock = { ms: 1_000_000 };
  const gate = new SourceGate({
    probe: (source) => Promise.resolve(source === 'dead' ? GONE : undefined),
    sourceConcurrency,
    slots,
    now: () => clock.ms,
    random: () => 0.5,
  });
  return { gate, clock };
}

async function enter(gate: SourceGate, source: string): Promise<Leave | SourceWaitError> {
  return gate.enter(source).catch((error: SourceWaitError) => error);
}

describe('the gate of sources', () => {
  it('lets a source that works alone have every slot, and leaves one to others with recent work', async () => {
    const { gate, clock } = gateOf(3);
    for (let at = 0; at < 3; at++) expect(await enter(gate, 'slow')).toBeInstanceOf(Function);
    const leave = (await enter(gate, 'other')) as Leave;
    leave();
    const second = gateOf(3).gate;
    await enter(second, 'other');
    expect(await enter(second, 'slow')).toBeInstanceOf(Function);
    expect(await enter(second, 'slow')).toBeInstanceOf(Function);
    expect(await enter(second, 'slow')).toMatchObject({ code: 'source-at-limit', fault: null });
    clock.ms += 11 * 60_000;
    expect(await enter(gate, 'slow')).toMatchObject({ code: 'source-at-limit' });
  });

  it('spaces the appointments of work that waits for a source at its limit by the source’s speed', async () => {
    const { gate } = gateOf(8, 2);
    for (let at = 0; at < 40; at++) gate.succeeded('slow', 'reading', 8_000);
    await enter(gate, 'slow');
    await enter(gate, 'slow');
    const waits: number[] = [];
    for (let at = 0; at < 40; at++) waits.push(((await enter(gate, 'slow')) as SourceWaitError).retryAfterMs);
    expect(waits[0]).toBe(500);
    expect(waits[5]! - waits[4]!).toBeCloseTo(2_000, -2);
    expect(Math.max(...waits)).toBe(60_000);
  });

  it('keeps work on a dead source out of all slots, and does not count it as reading', async () => {
    const { gate } = gateOf(2);
    for (let at = 0; at < 30; at++)
      expect(await enter(gate, 'dead')).toMatchObject({ code: 'source-away', fault: GONE });
    expect([...gate.faults()]).toEqual([['dead', GONE]]);
    expect(await enter(gate, 'healthy')).toBeInstanceOf(Function);
  });

  it('admits one request of a source at a time, and those of other sources meanwhile', async () => {
    const { gate } = gateOf(2);
    const leave = await gate.enterLight('slow');
    await expect(gate.enterLight('slow')).rejects.toMatchObject({ code: 'source-at-limit' });
    await expect(gate.enterLight('other')).resolves.toBeInstanceOf(Function);
    leave();
    await expect(gate.enterLight('slow')).resolves.toBeInstanceOf(Function);
  });

  it('admits nothing for a moment if other processes use all slots of the source', async () => {
    const { gate, clock } = gateOf(4, 2);
    expect(gate.full('shared')).toMatchObject({ code: 'source-at-limit' });
    expect(await enter(gate, 'shared')).toBeInstanceOf(SourceWaitError);
    clock.ms += 1_000;
    expect(await enter(gate, 'shared')).toBeInstanceOf(Function);
  });
});

describe('a connection that stops answering', () => {
  const watchOf = (faults: (SourceAwayError | undefined)[], received: () => number) => {
    let asked = 0;
    const ask = () => Promise.resolve(faults[Math.min(asked++, faults.length - 1)]);
    return { watch: new SilenceWatch({ received, ask, silentMs: 20 }), asked: () => asked };
  };
  const silent = () => 7;
  const later = () => new Promise((resolve) => setTimeout(resolve, 150));

  it('is cut when the source answers no connection', async () => {
    const { watch } = watchOf([GONE], silent);
    await later();
    watch.stop();
    expect(watch.signal).toMatchObject({ aborted: true, reason: GONE });
  });

  it.each<[string, (SourceAwayError | undefined)[], () => number]>([
    ['the source answers others: the statement is long', [undefined], silent],
    ['one probe failed and the next did not', [GONE, undefined], silent],
    [
      'the source has no free connection',
      [new SourceAwayError('dead', 'unreachable', { why: 'busy' })],
      silent,
    ],
    ['the source refuses others: the password was changed', [new SourceAwayError('dead', 'refused')], silent],
    ['something arrives', [GONE], () => Math.random()],
  ])('is kept when %s', async (_what, faults, received) => {
    const { watch } = watchOf(faults, received);
    await later();
    watch.stop();
    expect(watch.signal.aborted).toBe(false);
  });
});
