import { startFactory, type Factory } from '@factory/testing';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { allRuns } from './outcomes';

interface Retrained {
  readonly runs: readonly { readonly run: string; readonly outcome: string }[];
}
interface Check {
  readonly check: string;
  readonly column?: string;
  readonly figure: number | string;
  readonly result: string;
}
interface Part {
  readonly leftOut: { readonly goalBeforeCut: number };
}
interface Report {
  readonly metrics: {
    readonly judging: { readonly rocAuc: number; readonly goals: number; readonly rows: number };
  };
  readonly featureMoment: { readonly cut: unknown };
  readonly warnings: readonly string[];
}

/** Of 12,000 visits 15 % end in a sale from the cut on; one in a hundred sells something before it. */
const VISITS = 12_000;

describe('a source with event times', () => {
  let factory: Factory;
  let run: string;

  beforeAll(async () => {
    factory = await startFactory({
      shops: [{ source: 'main', products: [`1:${VISITS}:0.15`], features: 'events', seed: 5 }],
      policy: { grid: 'quick', minSales: 50, epochs: 15 },
    });
    const { runs } = await factory.json<Retrained>('retrain', '--product', '1', '--wait');
    expect(runs).toMatchObject([{ outcome: 'published' }]);
    run = runs[0]!.run;
  }, 180_000);
  afterAll(() => factory?.dispose(), 60_000);

  async function oracleAuc(): Promise<number> {
    const connection = await createConnection(factory.env.SOURCE_ADMIN_URL!);
    try {
      await connection.query('USE ??', [factory.shops.get('main')]);
      const [rows] = await connection.query<RowDataPacket[]>(ORACLE_AUC);
      return Number(rows[0]!['auc']);
    } finally {
      await connection.end();
    }
  }

  async function read<T>(under: string, file: string): Promise<T> {
    const [key] = (await factory.keys(under)).filter((one) => one.endsWith(`/${file}`));
    return JSON.parse((await factory.object(key!)).toString('utf8')) as T;
  }

  it('is trained on what was known at the cut: better than chance, never better than the truth', async () => {
    const { metrics, featureMoment } = await read<Report>(`runs/${run}/evaluator/`, 'report.json');
    const truth = await oracleAuc();
    const { rocAuc, goals, rows } = metrics.judging;
    expect(rocAuc).toBeGreaterThan(0.58);
    // four standard errors by Hanley and McNeil 1982, with the larger class as large as the smaller
    expect(rocAuc).toBeLessThan(truth + 4 * Math.sqrt(1 / (6 * Math.min(goals, rows - goals))));
    expect(featureMoment.cut).toEqual({ observeSeconds: 300 });
  });

  it('says in checks, ledger, manifest and card who was left out and when its features were read', async () => {
    const checks = await read<Check[]>(`runs/${run}/data-prep/`, 'checks.json');
    const early = checks.find(({ check }) => check === 'goal-before-cut');
    expect(early).toMatchObject({ result: 'pass' });
    expect(early?.figure).toBeGreaterThan(0);
    expect(checks.filter(({ check }) => check === 'covers')).toMatchObject([
      { column: 'agg_origin', figure: 'before-visit', result: 'pass' },
    ]);
    const ledger = await read<{ training: { leftOut: { goalBeforeCut: number } } }>(
      `runs/${run}/sampling/`,
      'dataset.json',
    );
    expect(ledger.training.leftOut.goalBeforeCut).toBe(early?.figure);
    const manifest = await read<{ lineage: object }>('models/main/sale/1/', 'manifest.json');
    expect(manifest.lineage).toMatchObject({ featureMoment: { cut: { observeSeconds: 300 } } });
    const [card] = (await factory.keys('models/main/sale/1/')).filter((one) => one.endsWith('/card.md'));
    expect(String(await factory.object(card!))).toContain(
      "Features were read 300 s after each visit's start",
    );
  });

  it('says in the run how many visits were left out', async () => {
    const { stdout } = await factory.cli('runs', 'show', run);
    const early = await read<{ training: Part; outOfTime: Part }>(`runs/${run}/sampling/`, 'dataset.json');
    const left = early.training.leftOut.goalBeforeCut + early.outOfTime.leftOut.goalBeforeCut;
    expect(stdout).toMatch(new RegExp(`left out +${left}: a goal before the cut`));
  });

  it('is one run, like any other', async () => {
    expect(await allRuns(factory)).toMatchObject([{ outcome: 'published' }]);
  });
});

/** The share of pairs of a visit with a sale and one without that the true propensities put in order. */
const ORACLE_AUC = `
  WITH labelled AS (
    SELECT p.propensity, MAX(s.visit_id IS NOT NULL) AS sold
      FROM sim_true_propensity p JOIN visit v USING (visit_id)
      LEFT JOIN sale s ON s.visit_id = v.visit_id AND s.state = 'paid' AND s.amount >= 0
     GROUP BY v.visit_id, p.propensity
    HAVING COALESCE(MIN(s.sale_time >= v.visit_time + INTERVAL 300 SECOND), 1) = 1),
  ranked AS (SELECT sold, RANK() OVER (ORDER BY propensity) AS place FROM labelled)
  SELECT (SUM(IF(sold, place, 0)) - SUM(sold) * (SUM(sold) + 1) / 2) / (SUM(sold) * SUM(1 - sold)) AS auc FROM ranked`;
