import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Connection } from 'mysql2/promise';
import { z } from 'zod';

export const all = { createHash, readFileSync, z };
export type Price = Connection;
