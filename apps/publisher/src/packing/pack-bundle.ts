import type { ArtefactRef, Candidate, ModelEvaluated } from '@factory/contracts';
import { FIRST_FAMILY } from '@factory/domain';
import {
  aboutSchema,
  championFigures,
  decodeModel,
  encodeBundle,
  featureMomentSchema,
  goldenRowsOf,
  hasDecided,
  parseProfile,
  parseReport,
  type FittedOn,
  type Report,
} from '@factory/model';
import { parseTransform } from '@factory/normalisation';
import { getVerified, openVerified, sha256Of, type ObjectStore } from '@factory/object-store';
import type { PackedVersion } from '@factory/registry';
import { z } from 'zod';
import type { PackingWork } from './packing-thread';

/** References to the artefacts of a promoted run, all from the ledger. */
export interface PackInput {
  readonly dataset: ArtefactRef;
  readonly samplingLedger: ArtefactRef;
  readonly transform: ArtefactRef;
  readonly candidate: Candidate;
  readonly report: ArtefactRef;
  readonly scores: ArtefactRef;
  /** Absent: sampling was done by a release without profiles. */
  readonly profile?: ArtefactRef | undefined;
  readonly codeVersion: string;
  /**
   * A person wants the version although the verdict did not. It is another one than the verdict would have made: with
   * its own name, after the shard, and with the person in its report.
   */
  readonly person?: {
    readonly shard: string;
    readonly promotedBy: NonNullable<ModelEvaluated['promotedBy']>;
  };
}

/** Its version depends only on the report: a repeated attempt packs the same version with the same bytes. */
export interface PackedBundle extends PackedVersion {
  /** The judging figures, for the champion's row. */
  readonly metrics: Readonly<Record<string, unknown>>;
}

const GOLDEN_SEED = 9;
const samplingLedgerSchema = z.looseObject({
  queries: z.array(z.looseObject({ sql: z.string() })),
  featureMoment: featureMomentSchema.optional(),
  about: aboutSchema.optional(),
});

/** Input of packing. */
export type PackStore = Pick<ObjectStore, 'get' | 'getStream'>;

/**
 * Builds a version from a run's artefacts (architecture, Data at rest): pure except for reading them. The large
 * ones, dataset and scores, are streamed through `work` and never held in memory.
 */
export async function packBundle(
  store: PackStore,
  input: PackInput,
  work: PackingWork,
  signal?: AbortSignal,
): Promise<PackedBundle> {
  const json = async (ref: ArtefactRef): Promise<unknown> =>
    JSON.parse((await getVerified(store, ref)).toString('utf8'));
  const report = overruled(parseReport(await json(input.report)), input.person);
  const transform = parseTransform(await json(input.transform));
  const { queries, featureMoment, about } = samplingLedgerSchema.parse(await json(input.samplingLedger));
  const { family = FIRST_FAMILY, priorShift } = report.candidate;
  const trained = decodeModel(family, await getVerified(store, input.candidate.weights));
  const natural = trained.shifted(priorShift);
  const repaired = report.repair?.fitted;
  const model = repaired ? natural.rescaled(repaired) : natural;

  const { percentiles, trainRows } = await work.judgedScores(
    input.scores,
    () => openVerified(store, input.scores, signal),
    signal,
  );
  const columns = transform.features.map(({ column }) => column);
  const rows = await work.goldenValues(
    { dataset: input.dataset, columns, trainRows, seed: GOLDEN_SEED },
    () => openVerified(store, input.dataset, signal),
    signal,
  );
  const golden = goldenRowsOf({ transform, model, percentiles }, rows);
  const profile = input.profile && parseProfile(await json(input.profile));
  const { run, source, product, goal, window } = report;
  const version = `${versionOf(report.createdAt, run)}${input.person ? `-${input.person.shard}` : ''}`;
  const files = encodeBundle({
    model,
    transform,
    percentiles,
    golden,
    report,
    profile,
    version,
    createdAt: report.createdAt,
    lineage: {
      run,
      source,
      product,
      goal,
      window,
      sqlSha256: sha256Of(queries.map(({ sql }) => sql).join('\n;\n')),
      datasetSha256: input.dataset.sha256,
      codeVersion: input.codeVersion,
      ...(featureMoment ? { featureMoment } : {}),
      ...(profile || repaired ? { fittedOn: fittedOn(report) } : {}),
      ...(about ? { about } : {}),
    },
  });
  return { version, files, metrics: championFigures(report) };
}

/**
 * What this release fits, it fits on these rows; the transform on the longest of several windows. What it chooses, it
 * chooses on them, or among windows on half a of the out-of-time rows, where probabilities are repaired as well.
 */
function fittedOn({ window: { start, trainEnd, end }, windows, repair }: Report): FittedOn {
  return {
    window: { start: windows?.compared.at(-1)?.start ?? start, trainEnd },
    marks: ['train', 'validation'],
    ...(hasDecided(windows) || repair?.fitted ? { outOfTime: { start: trainEnd, end, half: 'a' } } : {}),
  };
}

/** The report of a version says who decided, and what the verdict had been. */
function overruled(report: Report, person: PackInput['person']): Report {
  if (!person) return report;
  const { promotedBy } = person;
  const decided = { decision: 'promote' as const, decisive: 'by-person', promotedBy };
  return { ...report, verdict: { ...report.verdict, ...decided } };
}

/** `20230331T235959-1a2b3c4d`: sorts by time, names the run. */
function versionOf(createdAt: string, run: string): string {
  return `${createdAt.replace(/[-:]|\..*$/g, '')}-${run.slice(0, 8)}`;
}
