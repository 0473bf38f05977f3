import { mustRun, programOnPath, run } from './command.mjs';

/** @param {string} source */
const script = (source) => /** @type {const} */ (['-e', source]);

describe('a command that a tool runs', () => {
  it('returns both streams and the exit code', async () => {
    const source = "console.log('to out'); console.error('to err'); process.exitCode = 3";
    const { code, output } = await run(process.execPath, script(source), { quiet: true });
    expect(code).toBe(3);
    expect(output).toContain('to out');
    expect(output).toContain('to err');
  });

  it('reads its input', async () => {
    const source = 'process.stdin.pipe(process.stdout)';
    const { output } = await run(process.execPath, script(source), { quiet: true, input: 'a question' });
    expect(output).toBe('a question');
  });

  it('returns 127 if there is no such program', async () => {
    expect((await run('/nowhere/program', [], { quiet: true })).code).toBe(127);
  });

  it('returns 128 after its time limit', async () => {
    const source = 'setInterval(() => {}, 1000)';
    const { code } = await run(process.execPath, script(source), { quiet: true, timeoutMs: 200 });
    expect(code).toBe(128);
  });

  it('throws with the end of the output and what to do', async () => {
    const source = "for (let line = 1; line <= 40; line++) console.log('line ' + line); process.exitCode = 1";
    const failure = mustRun(process.execPath, script(source), { quiet: true, todo: 'Start the engine.' });
    await expect(failure).rejects.toThrow(/ended with 1:\nline 26\n[^]*line 40\nStart the engine\.$/);
  });

  it('is found in the folders of system programs, or not found', () => {
    expect(programOnPath('sh')).toMatch(/\/sh$/);
    expect(programOnPath('no-such-program')).toBeUndefined();
  });
});
