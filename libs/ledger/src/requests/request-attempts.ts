import { codeOf, FactoryError, messageOf } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { fromJson, sqlOf } from '../database/transaction';

/** An attempt that has begun. */
export interface BegunAttempt {
  /** From 1; earlier ones ended by an error, or with their process. */
  readonly attempt: number;
  /** The error of the last attempt; undefined if there was none, or none was recorded. */
  readonly lastError: FactoryError | undefined;
}

const BEGIN = `
  INSERT INTO factory_request_attempt (place, attempts, touched_at) VALUES (?, 1, UTC_TIMESTAMP(6))
      ON DUPLICATE KEY UPDATE attempts = attempts + 1, touched_at = UTC_TIMESTAMP(6)`;

/**
 * Counts the attempts of a request, by the position of its message in the stream. A request has no stage to
 * claim: the count is written before the work, so that a request that crashes its process is counted too.
 */
export class RequestAttempts {
  constructor(private readonly dataSource: DataSource) {}

  async begin(place: string): Promise<BegunAttempt> {
    const sql = sqlOf(this.dataSource);
    await sql.change(BEGIN, [place]);
    const [row] = await sql.rows('SELECT attempts, error FROM factory_request_attempt WHERE place = ?', [
      place,
    ]);
    const error = fromJson<{ code: string; message: string }>(row?.['error']);
    return {
      attempt: Number(row?.['attempts'] ?? 1),
      lastError: error ? new FactoryError(error.code, error.message, true) : undefined,
    };
  }

  /** Records the error of an attempt. */
  async failed(place: string, error: unknown): Promise<void> {
    await sqlOf(this.dataSource).change('UPDATE factory_request_attempt SET error = ? WHERE place = ?', [
      JSON.stringify({ code: codeOf(error), message: messageOf(error) }),
      place,
    ]);
  }

  /** The attempt failed for an external reason: it does not count. */
  async giveBack(place: string): Promise<void> {
    await sqlOf(this.dataSource).change(
      'UPDATE factory_request_attempt SET attempts = attempts - 1 WHERE place = ? AND attempts > 0',
      [place],
    );
  }

  /** The request was accepted or refused. */
  async settled(place: string): Promise<void> {
    await sqlOf(this.dataSource).change('DELETE FROM factory_request_attempt WHERE place = ?', [place]);
  }
}
