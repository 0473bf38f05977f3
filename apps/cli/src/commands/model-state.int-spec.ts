import { STREAMS } from '@factory/contracts';
import { inTransaction, replaceChampion } from '@factory/ledger';
import { championKey } from '@factory/object-store';
import { storeBundle } from '@factory/registry/spec-bundle';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpecFactory, key } from '../spec-kit/spec-factory';

describe('factory hold, release, retire and promote', () => {
  let factory: SpecFactory;
  let csv: string;

  beforeAll(async () => {
    factory = await SpecFactory.open();
    csv = join(factory.folder, 'visits.csv');
    writeFileSync(csv, 'id,basket,device\n1,0,phone\n');
    const run = '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111';
    const next = await storeBundle(factory.store, key, 'v1', run, -2);
    await inTransaction(factory.ledger, (sql) => replaceChampion(sql, next, 0));
  }, 120_000);

  afterAll(() => factory?.close(), 60_000);

  const act = (action: string, ...args: string[]) =>
    factory.cli.run(action, '--product', '7', '--reason', 'a reason', ...args);

  it('holds until a date: `models` shows it, and rollback is refused with what to do', async () => {
    const held = await factory.cli.json(
      'hold',
      '--product',
      '7',
      '--until',
      '2999-01-31',
      '--reason',
      'fair',
    );
    expect(held).toEqual({ ...key, until: '2999-01-31T00:00:00.000Z', result: 'held' });
    expect((await factory.cli.run('models')).stdout).toContain('held until 2999-01-31 00:00:00');
    expect(await act('rollback')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(model-held)') as string,
    });
    expect((await act('rollback')).stderr).toContain('factory release --product 7 --source main --goal sale');
    expect(await act('release')).toMatchObject({ code: 0, stdout: 'main/sale/7 is not held any more\n' });
    expect(await act('release')).toMatchObject({ stdout: 'main/sale/7 is neither held nor retired\n' });
  });

  it('retires: score is refused with and without the database, and released it scores again', async () => {
    expect(await act('retire')).toMatchObject({
      code: 0,
      stdout: 'main/sale/7 is retired: v1 is not in force any more (epoch 2)\n',
    });
    expect(await factory.cli.json('models')).toMatchObject([
      { state: { state: 'retired', by: 'ann' }, epoch: 2 },
    ]);
    const alone = factory.cliWith({ FACTORY_DATABASE_URL: '', NATS_URL: '' });
    for (const cli of [factory.cli, alone])
      expect(await cli.run('score', '--product', '7', csv)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/\(model-retired\): .*retired since .*a reason/) as string,
      });
    const { body } = await factory.stored(STREAMS.runs.name, {
      last_by_subj: 'factory.model.retired.main.7',
    });
    expect(body).toMatchObject({ version: 'v1', epoch: 2, reason: 'a reason' });
    expect(await act('hold')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(model-retired)') as string,
    });
    expect(await act('release')).toMatchObject({ stdout: 'main/sale/7: v1 is in force again (epoch 3)\n' });
    expect(JSON.parse(String(await factory.store.get(championKey(key), 'document')))).toMatchObject({
      version: 'v1',
      epoch: 3,
    });
    for (const cli of [factory.cli, alone])
      expect(await cli.run('score', '--product', '7', csv)).toMatchObject({ code: 0 });
    expect(await factory.auditRows('retire')).toEqual([
      { who: 'ann', reason: 'a reason', subject: 'main/sale/7' },
    ]);
  });

  it('refuses what cannot be meant: no reason, no such product, no such day, a day that has passed', async () => {
    expect(await factory.cli.run('retire', '--product', '7')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--reason') as string,
    });
    expect(await factory.cli.run('hold', '--product', '70', '--reason', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(unknown-product)') as string,
    });
    for (const [until, code] of [
      ['2999-02-30', 'invalid-instant'],
      ['tomorrow', 'invalid-instant'],
      ['2001-01-01 12:00:00', 'hold-in-the-past'],
    ])
      expect(await act('hold', '--until', until ?? '')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`(${code})`) as string,
      });
  });

  it('promotes only a run that has a candidate', async () => {
    const run = await factory.startRun('never-judged');
    await factory.end(run, 'kept', 'spec');
    const { code, stderr } = await factory.cli.run('promote', '--run', run, '--reason', 'wanted');
    expect([code, stderr]).toEqual([2, expect.stringContaining('(no-candidate)')]);
    expect((await factory.cli.run('promote', '--run', run)).stderr).toContain('--reason');
  });
});
