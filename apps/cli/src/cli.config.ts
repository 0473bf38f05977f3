import { fileVariables } from '@factory/rows';
import {
  brokerVariables,
  ledgerVariables,
  processVariables,
  rulesVariables,
  sourcesVariables,
  storeVariables,
  variable,
} from '@factory/service-kit';
import { z } from 'zod';
import { TRAINER_POOLS_VARIABLE } from './servers/provision-all';
import { streamVariables } from './servers/stream-bounds';
import { ADMIN_VARIABLE } from './sources/reader-account';

/**
 * Environment of the command line: each command reads only the variables it needs; these are the variables of all
 * commands.
 */
export const cliConfig = z.object({
  ...brokerVariables,
  ...ledgerVariables,
  ...storeVariables,
  ...sourcesVariables,
  ...rulesVariables,
  ...fileVariables,
  ...streamVariables,
  CODE_VERSION: processVariables.CODE_VERSION,
  [TRAINER_POOLS_VARIABLE]: variable(
    z.string().optional(),
    'provision: further trainer pools besides those that policies name, comma-separated',
  ),
  [ADMIN_VARIABLE]: variable(
    z.string().optional(),
    'import, simulate: connection string of an account that may create databases and accounts',
    { secret: 'password' },
  ),
});
