import { ServerAwayError, SourceAwayError } from '@factory/domain';
import type { ServerProbe } from './check-servers';
import { ServerAlarm } from './server-alarm';
import { serverGate } from './server-gate';

const refused = new ServerAwayError('database', { why: 'refused', cause: new Error('Access denied') });
const readOnly = new ServerAwayError('database', { why: 'read-only', cause: new Error('--read-only') });
const gone = new ServerAwayError('store', { cause: new Error('ECONNREFUSED') });

/** A gate over probes that answer in turn, and its log. */
function world(...answers: Partial<Record<'broker' | 'database' | 'store', Error>>[]) {
  const said: string[] = [];
  let now = 0;
  const logger = {
    error: (fields: { why: string }, text: string) => said.push(`error ${fields.why}: ${text}`),
    info: (fields: unknown, text?: string) => said.push(text ?? String(fields)),
    warn: (text: string) => said.push(text),
  };
  let round = 0;
  const probes = (['broker', 'database', 'store'] as const).map((name, at): ServerProbe => ({
    name,
    variable: name,
    check: () => {
      const fault = answers[round]?.[name];
      if (at === 2) round++;
      now += 400;
      return fault ? Promise.reject(fault) : Promise.resolve();
    },
  }));
  const alarm = new ServerAlarm(logger as never, () => now);
  return { gate: serverGate({ probes, alarm, logger: logger as never, intervalMs: 1 }), alarm, said };
}

describe('a service whose server is unavailable', () => {
  it('pauses, raises one alarm until it is over, and continues', async () => {
    const { gate, alarm, said } = world({ database: refused }, { database: refused }, {});
    gate.close(refused);
    gate.close(refused);
    expect(gate.state).toBe('closed');
    expect(alarm.faultOf('database')).toMatchObject({ why: 'refused', error: refused });
    await gate.open();
    expect(alarm.faultOf('database')).toBeUndefined();
    expect(said).toEqual([
      'error refused: database unavailable, work waits: the database refuses the account (Access denied): correct its password or its rights',
      'pulling pauses: the database refuses the account (Access denied): correct its password or its rights',
      expect.stringMatching(/^database available again after \d+(\.\d)? s$/),
      'pulling resumes: all servers answer',
    ]);
  });

  it('reports when the reason changes, and detects what else is unavailable', async () => {
    const { gate, said } = world({ database: readOnly, store: gone }, { store: gone }, {});
    gate.close(refused);
    await gate.open();
    expect(said.filter((line) => line.startsWith('error')).map((line) => line.split(':')[0])).toEqual([
      'error refused',
      'error read-only',
      'error unreachable',
    ]);
    expect(said.filter((line) => line.includes('available again'))).toHaveLength(2);
  });

  it('raises no alarm for a source, which has its own', async () => {
    const { gate, alarm } = world({});
    gate.close(new SourceAwayError('main', 'refused'));
    expect(alarm.faultOf('source')).toBeUndefined();
    await gate.open();
  });
});
