import type { ArtefactRef } from '@factory/contracts';
import { FactoryError, messageOf } from '@factory/domain';
import type { CheckLimits } from '@factory/judgement';
import { featureMomentSchema } from '@factory/model';
import { getVerified, type ObjectStore } from '@factory/object-store';
import { z } from 'zod';
import type { TableQuestion } from './suspect-tables';

/** Of dataset.json. Releases before the joint leak check wrote no tables. */
const sampleSchema = z.looseObject({
  columns: z.array(z.looseObject({ name: z.string(), table: z.string().optional() })).optional(),
  featureMoment: featureMomentSchema.optional(),
});

/**
 * Which columns of a drawn dataset are from which feature table, for the joint leak check.
 *
 * @param ledger dataset.json
 * @returns undefined if the sample was drawn by a release that did not say
 * @throws FactoryError `invalid-sample`; IntegrityError; ServerAwayError
 */
export async function tableQuestion(
  store: Pick<ObjectStore, 'get'>,
  ledger: ArtefactRef,
  limits: CheckLimits,
): Promise<TableQuestion | undefined> {
  const { columns = [], featureMoment } = parseSample(ledger.key, await getVerified(store, ledger));
  const byTable = new Map<string, string[]>();
  for (const { name, table } of columns)
    if (table !== undefined) byTable.set(table, [...(byTable.get(table) ?? []), name]);
  if (byTable.size === 0) return undefined;
  const whole = new Set(
    featureMoment?.tables.filter(({ covers }) => covers === 'whole-visit').map(({ table }) => table),
  );
  const tables = [...byTable].map(([table, names]) => ({
    table,
    columns: names,
    isWholeVisit: whole.has(table),
  }));
  return { limits, tables };
}

function parseSample(key: string, body: Buffer): z.infer<typeof sampleSchema> {
  try {
    return sampleSchema.parse(JSON.parse(body.toString('utf8')));
  } catch (cause) {
    throw new FactoryError('invalid-sample', `${key} cannot be read: ${messageOf(cause)}`, false, { cause });
  }
}
