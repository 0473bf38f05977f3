import {
  brokerVariables,
  ledgerVariables,
  processVariables,
  sourcesVariables,
  storeVariables,
  variable,
} from '@factory/service-kit';
import { z } from 'zod';
import { TRAINER_POOLS_VARIABLE } from './servers/provision-all';
import { ADMIN_VARIABLE } from './sources/reader-account';

/** Environment of the command line: a command asks for what it needs; these are all that any command reads. */
export const cliConfig = z.object({
  ...brokerVariables,
  ...ledgerVariables,
  ...storeVariables,
  ...sourcesVariables,
  CODE_VERSION: processVariables.CODE_VERSION,
  [TRAINER_POOLS_VARIABLE]: variable(
    z.string().optional(),
    'provision: pools beside those that policies name, separated by commas',
  ),
  [ADMIN_VARIABLE]: variable(
    z.string().optional(),
    'import, simulate: connection string of an account that may create databases and accounts',
    { secret: 'password' },
  ),
});
