import { until, type Factory } from '@factory/testing';

/**
 * Where a run is stopped: `done` = the work of a stage is done and about to be committed; `announced` = an event
 * is on the stream, but this is not recorded in the ledger yet, and the message that led to it is not
 * acknowledged.
 */
export interface HoldPoint {
  readonly at: 'done' | 'announced';
  /** A stage, or an event. */
  readonly name: string;
}

const HELD = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND state = 'User sleep'";

/** Makes processes stop at hold points: a trigger in the ledger makes their statement wait. */
export async function setHoldPoints(
  factory: Factory,
  points: readonly (readonly [run: string, point: HoldPoint])[],
): Promise<void> {
  await factory.rows(
    'CREATE TABLE e2e_hold (run_id CHAR(36), point VARCHAR(10), name VARCHAR(20), PRIMARY KEY (run_id, point))',
  );
  for (const [run, { at, name }] of points)
    await factory.rows('INSERT INTO e2e_hold VALUES (?, ?, ?)', [run, at, name]);
  const holdIf = (condition: string, point: string, name: string): string => `
    FOR EACH ROW IF ${condition} AND (
      SELECT name FROM e2e_hold WHERE run_id = NEW.run_id AND point = '${point}') = NEW.${name}
    THEN DO SLEEP(600); END IF`;
  await factory.rows(
    `CREATE TRIGGER e2e_hold_done BEFORE UPDATE ON factory_stage ${holdIf("NEW.status = 'done'", 'done', 'stage')}`,
  );
  await factory.rows(
    `CREATE TRIGGER e2e_hold_announced BEFORE UPDATE ON factory_event
     ${holdIf('NEW.stream_sequence IS NOT NULL AND OLD.stream_sequence IS NULL', 'announced', 'event')}`,
  );
}

/** Waits until the statements of `count` processes are stopped. */
export async function whenHeld(factory: Factory, count: number): Promise<void> {
  const look = async (): Promise<boolean> => {
    const held = await factory.rows(HELD);
    if (held.length === count) return true;
    throw new RangeError(`${held.length} of ${count} are held`);
  };
  await until(look, { what: 'every hold point is reached', timeoutMs: 90_000, everyMs: 100 });
}

/** Ends the statements of dead processes, as the server would eventually do, and removes the hold points. */
export async function removeHoldPoints(factory: Factory): Promise<void> {
  for (const { id } of await factory.rows<{ id: number }>(HELD))
    await factory.rows(`KILL ${id}`).catch((error: { code?: string }) => {
      // The server has ended it already.
      if (error.code !== 'ER_NO_SUCH_THREAD') throw error;
    });
  await factory.rows('DROP TRIGGER e2e_hold_done');
  await factory.rows('DROP TRIGGER e2e_hold_announced');
  await factory.rows('DROP TABLE e2e_hold');
}
