import { sqlOf, type Sql } from '../database/transaction';
import { SpecLedger, trialRow } from '../spec-ledger';
import { countTrials, findTrial, highestTrial, recordTrials, trialsOf } from './trials';

/** As written by releases that know only networks. */
const OLD_ROW = `
  INSERT INTO agg_propensity_model_train_hyperparameter
    (run_id, trial, source, product, goal, status, node1, node2, dropout1, dropout2, optimizer, learning_rate,
     lr_annealing, batch_size, epochs)
  VALUES (?, ?, 'main', 1, 'sale', 'done', 8, 4, .2, .2, 'adam', .001, .1, 256, 5)`;

describe('the trials of a run', () => {
  let ledger: SpecLedger;
  let sql: Sql;
  let run: string;

  beforeAll(async () => {
    ledger = await SpecLedger.open();
    sql = sqlOf(ledger.dataSource);
  });
  afterAll(() => ledger.close());
  beforeEach(async () => {
    run = await ledger.startRun();
  });

  it('are networks if a release wrote them that knew no other family', async () => {
    await sql.change(OLD_ROW, [run, 1]);
    const { family, settings } = trialRow(1, 'done', 0.1);
    expect(await trialsOf(ledger.dataSource, run)).toMatchObject([{ trial: 1, family, settings }]);
  });

  it('have their settings in the columns that such a release reads, and as JSON', async () => {
    const header = { run, source: 'main', product: 1, goal: 'sale' };
    await recordTrials(sql, header, [trialRow(2, 'done', 0.1)]);
    const [row] = await sql.rows('SELECT * FROM agg_propensity_model_train_hyperparameter WHERE run_id = ?', [
      run,
    ]);
    expect(row).toMatchObject({
      ...{ family: 'network', node1: 8, node2: 4, dropout1: 0.2, dropout2: 0.2, optimizer: 'adam' },
      ...{ learning_rate: 0.001, lr_annealing: 0.1, batch_size: 256, epochs: 5 },
      settings: JSON.stringify(trialRow(2, 'done', 0.1).settings),
    });
  });

  it('are found one by one, next to some of an unknown family', async () => {
    await sql.change(OLD_ROW, [run, 1]);
    await sql.change(
      `INSERT INTO agg_propensity_model_train_hyperparameter
         (run_id, trial, source, product, goal, status, family, settings)
       VALUES (?, 2, 'main', 1, 'sale', 'done', 'xgboost', '{"maxDepth":3}')`,
      [run],
    );
    expect(await findTrial(sql, run, 1)).toMatchObject({ trial: 1, family: 'network' });
    expect(await findTrial(sql, run, 3)).toBeUndefined();
    await expect(findTrial(sql, run, 2)).rejects.toMatchObject({ code: 'newer-version' });
  });
  it('say where their training rows begin if not with the window, and are then none of the search', async () => {
    const header = { run, source: 'main', product: 1, goal: 'sale' };
    await recordTrials(sql, header, [trialRow(1, 'done', 0.1), trialRow(2, 'diverged', 0.2)]);
    await recordTrials(sql, header, [trialRow(3, 'done', 0.05)], '2023-03-03T00:00:00.000Z');
    expect((await trialsOf(ledger.dataSource, run)).map(({ trainFrom }) => trainFrom)).toEqual([
      null,
      null,
      '2023-03-03T00:00:00.000Z',
    ]);
    expect(await countTrials(sql, run)).toEqual({ done: 1, halted: 0, failed: 1 });
    expect([await highestTrial(sql, run), await highestTrial(sql, 'none')]).toEqual([3, 0]);
  });
});
