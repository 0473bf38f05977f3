import { BadInputError } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction';
import type { StoredEvent } from '../events/event-drafts';
import { auditOf, recordAudit } from '../policies/audit';
import type { Change } from '../policies/policies';
import type { WorkId } from '../stages/stage-claims';
import { reopenWork } from './reopen-work';

const ACTION = 'dead-replay';
const LONGEST_SUBJECT = 191;

/** A dead letter as recorded in the audit. */
export interface ReplayedLetter {
  readonly sequence: number;
  /** When the dead-letter stream was created, ISO 8601: sequences can only be compared within one creation. */
  readonly streamCreated: string;
  readonly subject: string;
  readonly code: string;
}

/** Records who replayed which dead letter, and why: each letter once. */
export class Replays {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws BadInputError `already-replayed`, with who did it and when */
  async refuseRepeated(letter: ReplayedLetter): Promise<void> {
    const before = (await auditOf(this.dataSource, subjectOf(letter))).find(({ action, details }) => {
      const { sequence, streamCreated } = (details ?? {}) as Partial<ReplayedLetter>;
      return action === ACTION && sequence === letter.sequence && streamCreated === letter.streamCreated;
    });
    if (!before) return;
    throw new BadInputError('already-replayed', {
      field: 'sequence',
      value: letter.sequence,
      todo:
        `check the result: ${before.who} replayed it at ${before.at.toISOString()} (${before.reason}). ` +
        'If it was given up again, it has a new dead letter: replay that one',
    });
  }

  /** Reopens the work that the letter was about, with fresh attempts. See `reopenWork`. */
  async reopen(letter: ReplayedLetter, work: WorkId, change: Change): Promise<StoredEvent[]> {
    return inTransaction(this.dataSource, async (sql) => {
      const events = await reopenWork(sql, work, change);
      await recordAudit(sql, ACTION, subjectOf(letter), change, { ...letter, ...work });
      return events;
    });
  }

  /** Records that the letter's message was published again. */
  async record(letter: ReplayedLetter, change: Change, published: unknown): Promise<void> {
    await inTransaction(this.dataSource, (sql) =>
      recordAudit(sql, ACTION, subjectOf(letter), change, { ...letter, published }),
    );
  }
}

function subjectOf({ subject }: ReplayedLetter): string {
  return subject.slice(0, LONGEST_SUBJECT);
}
