import { STREAMS } from '@factory/contracts';
import { POLICY_NAMES } from '@factory/domain';
import { sqlOf } from '@factory/ledger';
import { jetstreamManager } from '@nats-io/jetstream';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpecFactory } from '../spec-kit/spec-factory';

describe('factory policy and grants', () => {
  let factory: SpecFactory;

  beforeAll(async () => {
    factory = await SpecFactory.open();
  }, 120_000);

  afterAll(() => factory?.close(), 60_000);

  it('sets fields and records who and why, restores defaults, and creates the queue of a new pool', async () => {
    const set = await factory.cli.json<{ policy: { grid: string }; set: object }>(
      'policy',
      'set',
      '7',
      'grid=full',
      'outOfTimeDays=0',
      'pool=special',
      '--reason',
      'few sales',
    );
    expect(set).toMatchObject({
      policy: { grid: 'full', outOfTimeDays: 0 },
      set: { grid: 'full', outOfTimeDays: 0, pool: 'special' },
    });
    const manager = await jetstreamManager(factory.broker);
    const queue = await manager.consumers.info(STREAMS.runs.name, 'trainer-special');
    expect(queue.config.filter_subject).toBe('factory.trials.queued.special.>');
    await factory.cli.json('policy', 'set', '7', 'grid=', 'pool=');
    expect(await factory.cli.json('policy', 'show', '7')).toMatchObject({
      policy: { grid: 'standard' },
      set: { outOfTimeDays: 0 },
    });
    expect((await factory.auditRows('policy-set'))[0]).toEqual({
      who: 'ann',
      reason: 'few sales',
      subject: 'main/sale/7',
    });
  });

  it('explains every setting: its value here, unit, default, range and meaning', async () => {
    const { settings } = await factory.cli.json<{ settings: { name: string }[] }>(
      'policy',
      'show',
      '7',
      '--explain',
    );
    expect(settings.map(({ name }) => name)).toEqual(POLICY_NAMES);
    expect(settings.find(({ name }) => name === 'outOfTimeDays')).toEqual({
      name: 'outOfTimeDays',
      value: 0,
      unit: 'days',
      default: 7,
      range: '0 to 3650',
      meaning: expect.stringMatching(/^latest days of the range/) as string,
    });
    const { stdout } = await factory.cli.run('policy', 'show', '7', '--explain');
    expect(stdout).toMatch(
      /^outOfTimeDays = 0 days\n {2}latest days of the range.*\n {2}default 7; range: 0 to 3650$/m,
    );
  });

  it('names every field that is wrong, and changes nothing', async () => {
    const { code, stderr } = await factory.cli.run('policy', 'set', '7', 'epochs=0', 'colour=red');
    expect(code).toBe(2);
    expect(stderr).toMatch(/policy\.epochs = 0[\s\S]*policy\.colour = "red"/);
    expect(await factory.cli.json('policy', 'show', '7')).toMatchObject({ set: { outOfTimeDays: 0 } });
  });

  it('marks what a later release has set, keeps it, and does not set it', async () => {
    await sqlOf(factory.ledger).change(
      `UPDATE factory_policy SET policy = '{"outOfTimeDays": 0, "calibration": "isotonic"}' WHERE product = 7`,
    );
    const { stdout } = await factory.cli.run('policy', 'show', '7');
    expect(stdout).toMatch(/calibration +isotonic +set, unknown to this release/);
    expect(await factory.cli.json('policy', 'set', '7', 'epochs=9')).toMatchObject({
      set: { outOfTimeDays: 0, epochs: 9, calibration: 'isotonic' },
    });
    expect((await factory.cli.run('policy', 'set', '7', 'calibration=platt')).code).toBe(2);
    expect(await factory.cli.json('policy', 'set', '7', 'calibration=', 'epochs=')).toMatchObject({
      set: { outOfTimeDays: 0 },
    });
  });

  it('refuses a product that the source does not have: its policy would never be read', async () => {
    expect(await factory.cli.run('policy', 'set', '99', 'grid=full')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /\(unknown-product\): product = 99: use an id of table product in source main/,
      ) as string,
    });
    expect(await factory.cli.json('policy', 'show', '99')).toMatchObject({ set: {} });
    const away = factory.cliWith({ SOURCE_MAIN_URL: 'mysql://u:p@127.0.0.1:1/d' });
    const said = await away.run('policy', 'set', '99', 'grid=full');
    expect(said).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('cannot check product 99') as string,
    });
  });

  it('trains on the whole range where that is set, and refuses unknown window rules', async () => {
    expect(await factory.cli.json('policy', 'set', '7', 'window=all')).toMatchObject({
      policy: { window: 'all' },
    });
    expect((await factory.cli.run('policy', 'set', '7', 'window=whole')).stderr).toContain(
      'use one of volume, all',
    );
    await factory.cli.json('policy', 'set', '7', 'window=');
  });

  it('prints the grants of a source, for its own database', async () => {
    const { database: named, statements } = await factory.cli.json<{
      database: string;
      statements: string[];
    }>('grants', '--source', 'main', '--user', 'reader');
    expect(named).toBe(factory.shop);
    expect(statements).toHaveLength(1);
    expect(statements[0]).toMatch(/^GRANT SELECT, CREATE TEMPORARY TABLES ON .* TO 'reader'@'%'$/);
  });

  test.each(['file', 'folder'])('prints the grants of a source whose connection is in a %s', async (kind) => {
    const place = mkdtempSync(join(tmpdir(), 'connections-'));
    const url = 'mysql://u:p@127.0.0.1:1/elsewhere';
    writeFileSync(join(place, 'SOURCE_MAIN_URL'), kind === 'file' ? `SOURCE_MAIN_URL: ${url}\n` : url);
    const path = kind === 'file' ? join(place, 'SOURCE_MAIN_URL') : place;
    const cli = factory.cliWith({ SOURCE_MAIN_URL: '', SOURCE_CONNECTIONS_FILE: path });
    const said = await cli.run('grants', '--source', 'main', '--user', 'reader');
    rmSync(place, { recursive: true });
    expect(said).toMatchObject({ code: 0, stdout: expect.stringContaining('ON `elsewhere`.*') as string });
  });
});
