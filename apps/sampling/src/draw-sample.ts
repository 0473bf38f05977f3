import { PackedTexts, RunSkippedError, describeKey, type ModelKey, type Policy } from '@factory/domain';
import {
  featureMomentOf,
  type ResolvedFeatures,
  type SourceReader,
  type SourceReading,
  type SourceSnapshot,
} from '@factory/source';
import { requireColumns, requireRows, type CheckedColumn } from './checked-input';
import type { DatasetWork, DatasetWorkers } from './dataset-threads';
import { drawOutOfTime, drawTraining, type DrawnPart } from './draw-strata';
import type { DrawnDataset } from './drawn-dataset';
import { mergeStrata, type Stratum } from './drawn-ids';
import { countHalves, countMarks, type SamplingLedger } from './sampling-ledger';
import { drawSeedOf, halfSeedOf, markSeedOf } from './seeds';

/** Input of sampling for a run. */
export interface DrawSampleRequest extends ModelKey {
  /** Half-open, UTC: training visits in `[start, trainEnd)`, out-of-time visits in `[trainEnd, end)`. */
  readonly window: {
    readonly start: Date;
    readonly trainEnd: Date;
    readonly end: Date;
    /** For sources with a cut column: the latest cut that can be labelled. */
    readonly latestCut?: Date | undefined;
  };
  readonly policy: Policy;
  /** Feature columns as data-prep found them; these are read. */
  readonly checked: readonly CheckedColumn[];
  /** Changes which visits are drawn, never their marks; absent = fixed per source, product and goal. */
  readonly seed?: string | undefined;
}

export interface DrawnSample {
  /** Ordered by the bytes of the visit id. */
  readonly dataset: DrawnDataset;
  /** The content of dataset.json except the hash of the file: complete it with `describeDataset`. */
  readonly ledger: SamplingLedger;
  /** Names of columns that sources.yaml leaves out. */
  readonly leftOut: readonly string[];
}

/**
 * The use case of sampling (rules R2, R3): draws the visits by hash in one snapshot of the source and joins the
 * features. The policy limits memory, not the source: at most `maxPositives x (1 + 8)` training and 220,000
 * out-of-time rows. A row takes 4 bytes per feature (8 while a table of events is read), plus about 90 bytes and
 * twice its visit and visitor id.
 */
export class DrawSample {
  /** @param visitorHashKey key of the visitors' hash; never changes in an installation */
  constructor(
    private readonly sources: SourceReading,
    private readonly visitorHashKey: string,
    private readonly workers: DatasetWorkers,
  ) {}

  /**
   * @throws RunSkippedError `no-sales` or `no-others` if the window has lost one class since data-prep
   * @throws FactoryError `visit-id-not-unique`, `key-not-unique`
   * @throws BadInputsError if the source has changed since data-prep checked it: codes of the catalogue check,
   *   `feature-changed`, `empty-feature-table`
   * @throws SourceAwayError if the source is unavailable
   */
  execute(request: DrawSampleRequest, signal?: AbortSignal): Promise<DrawnSample> {
    return this.sources.read(
      request.source,
      (reader) => reader.snapshot(request.goal, (snapshot) => this.draw(request, reader, snapshot, signal)),
      { signal },
    );
  }

  private async draw(
    request: DrawSampleRequest,
    reader: SourceReader,
    snapshot: SourceSnapshot,
    signal: AbortSignal | undefined,
  ): Promise<DrawnSample> {
    const { product, window, policy, checked } = request;
    const features = await reader.features();
    requireColumns(request.source, features, checked);
    const seed = drawSeedOf(request, request.seed);
    const { latestCut } = window;
    const trainingRange = { product, start: window.start, end: window.trainEnd, latestCut };
    const training = await drawTraining(snapshot, trainingRange, seed, policy);
    requireBothClasses(request, training);
    const outOfTimeRange = { product, start: window.trainEnd, end: window.end, latestCut };
    const outOfTime = await drawOutOfTime(snapshot, outOfTimeRange, seed, policy);

    const strata = [...training.strata, ...outOfTime.strata];
    const rows = strata.reduce((sum, { ids }) => sum + ids.length, 0);
    const dataset = await this.workers.use(
      rows,
      (thread) => this.readRows(request, strata, snapshot, thread),
      signal,
    );
    await requireRows(reader, snapshot, trainingRange, checked);
    const { visitor } = reader.definition.visits;
    const ledger: SamplingLedger = {
      schemaVersion: 1,
      source: request.source,
      product,
      goal: request.goal,
      window: {
        start: window.start.toISOString(),
        trainEnd: window.trainEnd.toISOString(),
        end: window.end.toISOString(),
        ...(latestCut ? { latestCut: latestCut.toISOString() } : {}),
      },
      featureMoment: featureMomentOf(reader.definition),
      ...aboutOf(reader.definition.goals, request.goal),
      seed,
      markSeed: markSeedOf(request),
      halfSeed: halfSeedOf(request),
      markedBy: visitor === undefined ? 'visit' : 'visitor',
      training: countsOf(training),
      outOfTime: countsOf(outOfTime),
      f1: training.goals.fraction,
      f0: training.others.fraction,
      detrended: policy.detrend,
      ...(training.days ? { days: training.days, scaleOfDays: training.scaleOfDays ?? 1 } : {}),
      rows: dataset.rows,
      marks: countMarks(dataset),
      outOfTimeHalves: countHalves(dataset),
      columns: columnsOf(dataset, features),
      dropped: features.dropped,
      ...(snapshot.unreadableColumns.length > 0 ? { unreadable: snapshot.unreadableColumns } : {}),
      queries: snapshot.ran,
    };
    return { dataset, ledger, leftOut: features.leftOut };
  }

  /** Marks are computed on a thread while the source is being read. */
  private async readRows(
    key: ModelKey,
    strata: readonly Stratum[],
    snapshot: SourceSnapshot,
    thread: DatasetWork,
  ): Promise<DrawnDataset> {
    const { ids, labels, weights, outOfTime } = await mergeStrata(strata, (texts) => thread.order(texts));
    const packed = PackedTexts.ofConsecutive(ids);
    await snapshot.keep(packed);
    const { visitTimes, visitors } = await snapshot.readVisits();
    const marking = thread.mark({
      ids: packed.parts,
      visitors: visitors.parts,
      outOfTime,
      markSeed: markSeedOf(key),
      halfSeed: halfSeedOf(key),
      hashKey: this.visitorHashKey,
    });
    // The first failure is thrown; the other rejection must still be handled.
    const [features, marked] = await Promise.all([snapshot.readFeatures(), marking]);
    return { rows: packed.length, features, visitIds: ids, visitTimes, labels, weights, ...marked };
  }
}

/** @param goals of the source; own keys only: a goal's name comes from a message */
function aboutOf(goals: SourceReader['definition']['goals'], name: string): Pick<SamplingLedger, 'about'> {
  const about = Object.hasOwn(goals, name) ? goals[name]?.about : undefined;
  return about === undefined ? {} : { about };
}

function columnsOf({ features }: DrawnDataset, { tables }: ResolvedFeatures): SamplingLedger['columns'] {
  const tableOf = new Map(tables.flatMap(({ columns }) => columns.map(({ name, table }) => [name, table])));
  return features.map(({ name, kind }) => ({ name, kind, table: tableOf.get(name) ?? '' }));
}

function countsOf({ goals, others, leftOut }: DrawnPart): SamplingLedger['training'] {
  return { goals, others, ...(leftOut ? { leftOut } : {}) };
}

function requireBothClasses(request: DrawSampleRequest, { goals, others }: DrawnPart): void {
  if (goals.drawn > 0 && others.drawn > 0) return;
  const missing = goals.drawn === 0 ? 'no-sales' : 'no-others';
  const text = `${describeKey(request)}: the window holds ${goals.population} visits with the goal and ${others.population} without`;
  throw new RunSkippedError(missing, text, { goals: goals.population, others: others.population });
}
