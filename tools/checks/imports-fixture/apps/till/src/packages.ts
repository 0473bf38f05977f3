import { connect } from '@nats-io/nats-core';
import { type Arbitrary, integer } from 'fast-check';
import { firstValueFrom } from 'rxjs';

export const all = { connect, firstValueFrom, integer };
export type Any = Arbitrary<number>;
