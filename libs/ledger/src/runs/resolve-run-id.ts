import { BadInputError } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { sqlOf } from '../database/transaction';

const LEAST_LETTERS = 4;

/**
 * The full id of the run that begins with `prefix`: people often copy only the first letters.
 *
 * @throws BadInputError `invalid-run`, `unknown-run` or `ambiguous-run`
 */
export async function resolveRunId(dataSource: DataSource, prefix: string): Promise<string> {
  const letters = prefix.trim().toLowerCase();
  if (!/^[0-9a-f-]{1,36}$/.test(letters) || letters.length < LEAST_LETTERS)
    throw refusal('invalid-run', prefix, `give a run's id, or at least its first ${LEAST_LETTERS} letters`);
  const rows = await sqlOf(dataSource).rows(
    'SELECT run_id FROM factory_run WHERE run_id LIKE ? ORDER BY run_id LIMIT 3',
    [`${letters}%`],
  );
  const [first, second] = rows.map((row) => String(row['run_id']));
  if (!first) throw refusal('unknown-run', prefix, 'list runs with `factory runs`');
  if (second)
    throw refusal('ambiguous-run', prefix, `give more letters: ${first} and ${second} begin like this`);
  return first;
}

function refusal(code: string, value: string, todo: string): BadInputError {
  return new BadInputError(code, { field: 'run', value, todo });
}
