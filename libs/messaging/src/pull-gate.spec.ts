import { ProbingGate } from './pull-gate';

function gateOver(answers: boolean[]) {
  const heard: string[] = [];
  const gate = new ProbingGate({
    intervalMs: 1,
    probe: () => (answers.shift() ? Promise.resolve() : Promise.reject(new TypeError('away'))),
    onClosed: (reason) => heard.push(`closed: ${reason}`),
    onOpened: () => heard.push('opened'),
  });
  return { gate, heard, answers };
}

describe('ProbingGate', () => {
  it('allows pulls until it is closed', async () => {
    const { gate } = gateOver([]);
    await gate.open();
    expect(gate.state).toBe('open');
  });

  it('stays closed until the servers answer, then opens for all waiting pulls', async () => {
    const { gate, heard, answers } = gateOver([false, false, true]);
    gate.close(new TypeError('no database'));
    expect(gate.state).toBe('closed');
    await Promise.all([gate.open(), gate.open()]);
    expect(answers).toEqual([]);
    expect(gate.state).toBe('open');
    expect(heard).toEqual(['closed: no database', 'opened']);
  });

  it('closes once for several handlers that fail together, and again later', async () => {
    const { gate, heard } = gateOver([true, true]);
    gate.close('a');
    gate.close('b');
    await gate.open();
    gate.close('c');
    await gate.open();
    expect(heard).toEqual(['closed: a', 'opened', 'closed: c', 'opened']);
  });
});
