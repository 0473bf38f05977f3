import { connect } from '@nats-io/transport-node';
import { readFileSync } from 'node:fs';
import { nothing } from 'no-such-package';
import { PRICE } from '../market/coin.mjs';
import { coin } from './coin.mjs';

export const sold = { connect, readFileSync, nothing, PRICE, coin };
