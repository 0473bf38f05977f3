import type { Transform } from '@factory/normalisation';
import type { Lineage } from '../manifest';
import type { Report } from '../report';

/** All that a card is made from. */
export interface CardInput {
  readonly version: string;
  readonly createdAt: string;
  readonly lineage: Lineage;
  readonly report: Report;
  readonly transform: Transform;
}
