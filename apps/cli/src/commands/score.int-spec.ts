import { STREAMS } from '@factory/contracts';
import { Champions, inTransaction, replaceChampion } from '@factory/ledger';
import { championKey, versionFileKey } from '@factory/object-store';
import { readChampionPointer, writeChampionPointer } from '@factory/registry';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RollbackResult } from '@factory/registry';
import { storeBundle } from '@factory/registry/spec-bundle';
import type { specCli } from '../spec-kit/spec-cli';
import { SpecFactory, key } from '../spec-kit/spec-factory';

describe('factory score and rollback', () => {
  let factory: SpecFactory;

  beforeAll(async () => {
    factory = await SpecFactory.open();
  }, 120_000);

  afterAll(() => factory?.close(), 60_000);

  const first = '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111';
  const second = '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a222';
  let csv: string;
  const logits = async (from: ReturnType<typeof specCli>, ...args: string[]): Promise<number[]> =>
    (await from.json<{ logit: number }[]>('score', '--product', '7', '--verbose', csv, ...args)).map(
      (row) => row.logit,
    );

  beforeAll(async () => {
    csv = join(factory.folder, 'visits.csv');
    writeFileSync(csv, 'id,Basket,device,colour\n1,0,phone,red\n2,100,tablet,blue\n');
    for (const [version, run, bias, judged] of [
      ['v1', first, -2, 0],
      ['v2', second, -1, 1],
    ] as const) {
      const next = await storeBundle(factory.store, key, version, run, bias);
      await inTransaction(factory.ledger, (sql) => replaceChampion(sql, next, judged));
    }
    const { version, location, manifestSha256, epoch, since } = (await new Champions(factory.ledger).find(
      key,
    ))!;
    await writeChampionPointer(factory.store, championKey(key), {
      version,
      location,
      manifestSha256,
      epoch,
      since: since.toISOString(),
    });
  });

  it('scores with the version in force, also with the store alone', async () => {
    const scored = await factory.cli.json<Record<string, unknown>[]>('score', '--product', '7', csv);
    expect(scored[0]).toMatchObject({ id: '1', Basket: '0', colour: 'red' });
    const [low, high] = scored.map((row) => row['probability'] as number) as [number, number];
    expect(low).toBeCloseTo(1 / (1 + Math.exp(1)), 6);
    expect(high).toBeGreaterThan(low);
    const alone = factory.cliWith({ FACTORY_DATABASE_URL: '', NATS_URL: '' });
    expect(await alone.json('score', '--product', '7', csv)).toEqual(scored);
    const away = factory.cliWith({ FACTORY_DATABASE_URL: 'mysql://u:p@127.0.0.1:1/d' });
    expect(await away.json('score', '--product', '7', csv)).toEqual(scored);
    expect((await logits(factory.cli, '--version', 'v1'))[0]).toBeCloseTo(-2, 5);
  });

  it('refuses a file without one of the columns, and scores it if that is allowed', async () => {
    const out = join(factory.folder, 'scored.csv');
    const short = join(factory.folder, 'short.csv');
    writeFileSync(short, 'id,basket,colour\n1,0,red\n2,100,blue\n');
    expect(await factory.cli.run('score', '--product', '7', short, '--out', out)).toMatchObject({
      code: 7,
      stdout: '',
      stderr: expect.stringMatching(
        /\(missing-columns\): missing columns: device\. .*--allow-missing/,
      ) as string,
    });
    expect(readdirSync(factory.folder).filter((name) => name.startsWith('scored'))).toEqual([]);
    const { code, stdout, stderr } = await factory.cli.run(
      'score',
      '--product',
      '7',
      short,
      '--allow-missing',
      'device',
      '--out',
      out,
      '--json',
    );
    expect(code).toBe(0);
    expect(stderr).toContain('the file lacks device');
    expect(JSON.parse(stdout)).toMatchObject({
      visits: 2,
      version: 'v2',
      missingColumns: ['device'],
      chosenBy: 'database',
    });
    expect(readFileSync(out, 'utf8')).toMatch(
      /^id,basket,colour,probability,percentile\n1,0,red,0\.\d+,[\d.]+\n/,
    );
  });

  it.each([
    ...['x/../v1', '../v1', 'v1/', '/v1', 'v1/model.json', '..', '.', '', ' v1', 'v1 ', 'v%31', 'v1?', 'v1#'],
    ...['v\\1', 'v1\n', 'é', 'v'.repeat(65)],
  ])('refuses %j as a version name because of its format', async (version) => {
    for (const command of [
      ['score', '--product', '7', csv, '--version', version],
      ['rollback', '--product', '7', '--reason', 'x', '--to', version],
    ])
      expect(await factory.cli.run(...command)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining('(invalid-version)') as string,
      });
  });

  it.each(['constructor', '__proto__', 'nobody', 'to-string'])(
    'refuses the unknown source %s in `models` like every command',
    async (source) => {
      const { code, stdout, stderr } = await factory.cli.run('models', '--source', source, '--json');
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/\((unknown-source|invalid-name)\)/);
    },
  );

  it('rounds percentiles to a tenth in JSON too', async () => {
    const rows = await factory.cli.json<{ percentile: number }[]>('score', '--product', '7', csv);
    expect(rows.length).toBeGreaterThan(0);
    for (const { percentile } of rows) expect(String(percentile)).toMatch(/^\d+(\.\d)?$/);
  });

  it('refuses a foreign file, and one with values that training never saw, with the figures', async () => {
    const foreign = join(factory.folder, 'foreign.csv');
    writeFileSync(foreign, 'a,b\n1,2\n');
    for (const more of [[], ['--allow-missing', 'all', '--allow-unfit']])
      expect(await factory.cli.run('score', foreign, '--product', '7', ...more)).toMatchObject({
        code: 7,
        stdout: '',
        stderr: expect.stringContaining("(foreign-rows): none of the model's columns is there") as string,
      });
    const odd = join(factory.folder, 'odd.csv');
    const rows = Array.from({ length: 400 }, (_, row) => `${row % 101},${row % 2 ? 'phone' : 'fridge'}`);
    writeFileSync(odd, `basket,device\n${rows.join('\n')}\n`);
    expect(await factory.cli.run('score', odd, '--product', '7')).toMatchObject({
      code: 7,
      stdout: '',
      stderr: expect.stringContaining('device: 50.0 % never seen in training, 0.0 % expected') as string,
    });
    const taken = await factory.cli.run('score', odd, '--product', '7', '--allow-unfit');
    expect(taken.code).toBe(0);
    expect(taken.stdout.split('\n')).toHaveLength(402);
    expect(taken.stdout).toMatch(/^basket,device,probability,percentile\n0,fridge,0\.\d+,\d+(\.\d)?\n/);
    expect(taken.stderr).toContain('200 of 400 visits have values that training never saw: device 200');
  });

  it('refuses a version with a changed file', async () => {
    const next = await storeBundle(factory.store, { ...key, product: 8 }, 'v1', first, 0);
    await inTransaction(factory.ledger, (sql) => replaceChampion(sql, next, 0));
    await factory.store.put(versionFileKey(next, 'v1', 'transform.json'), '{}', {
      contentType: 'application/json',
    });
    expect(await factory.cli.run('score', '--product', '8', csv)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('(sha256-mismatch)') as string,
    });
    expect(await factory.cli.run('score', '--product', '9', csv)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(no-champion)') as string,
    });
  });

  it('says which release reads a champion.json of a later one', async () => {
    const there = await factory.store.get(championKey(key), 'document');
    await factory.store.put(championKey(key), '{"schemaVersion":3,"epoch":2}', {
      contentType: 'application/json',
    });
    const alone = factory.cliWith({ FACTORY_DATABASE_URL: '', NATS_URL: '' });
    expect(await alone.run('score', '--product', '7', csv)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /\(newer-version\): models.*champion\.json\.schemaVersion = 3: /,
      ) as string,
    });
    await factory.store.put(championKey(key), there, { contentType: 'application/json' });
  });

  it('rolls back to the version before: database, champion.json, audit and announcement agree', async () => {
    const result = await factory.cli.json<RollbackResult>('rollback', '--product', '7', '--reason', 'drift');
    expect(result).toEqual({ ...key, from: 'v2', to: 'v1', epoch: 3, result: 'rolled-back' });
    expect(await new Champions(factory.ledger).find(key)).toMatchObject({
      version: 'v1',
      previousVersion: 'v2',
      epoch: 3,
      run: first,
    });
    expect(await readChampionPointer(factory.store, championKey(key))).toMatchObject({
      version: 'v1',
      epoch: 3,
    });
    expect((await logits(factory.cli))[0]).toBeCloseTo(-2, 5);
    expect(await factory.auditRows('rollback')).toEqual([
      { who: 'ann', reason: 'drift', subject: 'main/sale/7' },
    ]);
    const subject = 'factory.model.published.main.7';
    const announced = await factory.stored(STREAMS.runs.name, { last_by_subj: subject });
    expect(announced.body).toMatchObject({ version: 'v1', epoch: 3, run: first });
  });

  it('repairs champion.json of the version in force, and changes nothing else', async () => {
    await factory.store.delete(championKey(key));
    expect(
      await factory.cli.json('rollback', '--product', '7', '--to', 'v1', '--reason', 'lost'),
    ).toMatchObject({
      result: 'repaired',
      epoch: 3,
    });
    expect(await readChampionPointer(factory.store, championKey(key))).toMatchObject({
      version: 'v1',
      epoch: 3,
    });
  });

  it('keeps the champion in force when the target does not load', async () => {
    await factory.store.put(versionFileKey(key, 'v2', 'golden.json'), '{}', {
      contentType: 'application/json',
    });
    const broken = await factory.cli.run('rollback', '--product', '7', '--to', 'v2', '--reason', 'try');
    expect(broken).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(sha256-mismatch)') as string,
    });
    expect(
      await factory.cli.run('rollback', '--product', '7', '--to', 'v9', '--reason', 'try'),
    ).toMatchObject({
      code: 2,
    });
    expect(await factory.cli.run('rollback', '--product', '7')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--reason') as string,
    });
    expect(await new Champions(factory.ledger).find(key)).toMatchObject({ version: 'v1', epoch: 3 });
    expect(await factory.cli.json('models')).toMatchObject([{ product: 7, version: 'v1' }, { product: 8 }]);
  });
});
