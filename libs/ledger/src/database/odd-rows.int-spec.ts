import { consumerOf } from '@factory/contracts';
import { Champions, replaceChampion } from '../models/champions';
import { publishedVersions } from '../models/published-versions';
import { auditOf } from '../policies/audit';
import { standingsOf } from '../runs/run-standings';
import { Runs } from '../runs/runs';
import { SpecLedger } from '../spec-ledger';
import { inTransaction } from './transaction';

/** What manual edits or an incomplete restore may leave in a JSON column. */
const ODD = ['', '{', '{"a":', 'null;', '"text"', '[1]', '17', "{'a':1}", 'NaN', '\u0000'];

describe('one corrupt row of the ledger', () => {
  let ledger: SpecLedger;
  let runs: Runs;

  beforeAll(async () => {
    ledger = await SpecLedger.open();
    runs = new Runs(ledger.dataSource, 'spec');
  });

  afterAll(() => ledger.close());

  const model = (product: number) => ({
    source: 'main',
    product,
    goal: 'sale',
    version: `v${product}`,
    location: `models/main/sale/${product}/v${product}`,
    manifestSha256: 'a'.repeat(64),
    run: '00000000-0000-5000-8000-000000000000',
    metrics: { rocAuc: 0.8 },
  });

  it.each(['policy', 'error'])('does not hide other runs: %s', async (column) => {
    const [odd, sound] = [await ledger.startRun(), await ledger.startRun()];
    for (const text of ODD) {
      await ledger.change(`UPDATE factory_run SET ${column} = ? WHERE run_id = ?`, [text, odd]);
      const listed = await runs.list();
      expect(listed.find(({ run }) => run === odd)?.unreadable).toEqual([column]);
      expect(listed.find(({ run }) => run === sound)?.unreadable).toEqual([]);
      expect((await runs.find(odd)).unreadable).toEqual([column]);
      const { requestKey } = await runs.find(odd);
      expect(await standingsOf(ledger.dataSource, requestKey)).toHaveLength(1);
    }
  });

  it.each(['output', 'error'])('does not hide other stages: %s', async (column) => {
    const run = await ledger.startRun();
    for (const text of ODD) {
      await ledger.change(`UPDATE factory_stage SET ${column} = ? WHERE run_id = ?`, [text, run]);
      expect(await runs.stages(run)).toMatchObject([
        { stage: 'data-prep', error: { code: 'unreadable', message: expect.stringContaining(column) } },
      ]);
    }
  });

  it('does not hide other models, versions or changes', async () => {
    await inTransaction(ledger.dataSource, async (sql) => {
      for (const product of [901, 902]) await replaceChampion(sql, model(product), 0);
    });
    await ledger.change(
      `INSERT INTO factory_audit (at, who, action, subject, reason, details)
       VALUES (UTC_TIMESTAMP(6), 'a', 'b', 'odd-subject', 'c', '{'), (UTC_TIMESTAMP(6), 'a', 'b', 'odd-subject', 'c', '{}')`,
    );
    for (const text of ODD) {
      await ledger.change('UPDATE attrib_propensity_model SET metrics = ? WHERE product = 901', [text]);
      const champions = await new Champions(ledger.dataSource).list();
      expect(champions.map(({ product, unreadable }) => [product, unreadable])).toEqual([
        [901, ['metrics']],
        [902, []],
      ]);
    }
    expect((await auditOf(ledger.dataSource, 'odd-subject')).map(({ details }) => details)).toEqual([
      { unreadable: ['details'] },
      {},
    ]);
    expect(await publishedVersions(ledger.dataSource, model(901))).toEqual([]);
  });

  it('does not stop the sweeper for the others', async () => {
    const [odd, late] = [
      await ledger.startRun({ deadlineSeconds: 60 }),
      await ledger.startRun({ deadlineSeconds: 60 }),
    ];
    for (const run of [odd, late])
      await ledger.change('UPDATE factory_stage SET claimed_seconds = 1000 WHERE run_id = ?', [run]);
    await ledger.change("UPDATE factory_run SET policy = '{' WHERE run_id = ?", [odd]);
    await ledger.change("UPDATE factory_event SET body = '{' WHERE run_id = ?", [odd]);
    const { past, unreadable } = await ledger.orphans.deadlines();
    expect(past).toContain(late);
    expect(past).not.toContain(odd);
    expect(unreadable).toContain(odd);
    await ledger.ageEvents();
    const { durable: consumer } = consumerOf('data-prep');
    const orphans = await ledger.orphans.ofConsumer({
      durable: consumer,
      ackFloor: 0,
      streamCreated: '2023-01-01T00:00:00Z',
      firstSequence: 1,
      lastSequence: 0,
    });
    expect(orphans.map(({ run }) => run)).toContain(late);
    expect(orphans.map(({ run }) => run)).not.toContain(odd);
  });

  it('fails its own work as refused: a claim does not throw each time', async () => {
    for (const text of ODD.filter((one) => one !== '')) {
      const run = await ledger.startRun();
      await ledger.change('UPDATE factory_run SET policy = ? WHERE run_id = ?', [text, run]);
      await ledger.change('UPDATE factory_stage SET input = ?, note = ? WHERE run_id = ?', [text, text, run]);
      const claim = await ledger.claimed(run);
      expect(claim.input).toBeNull();
      expect(claim.policy).toBeNull();
    }
  });
});
