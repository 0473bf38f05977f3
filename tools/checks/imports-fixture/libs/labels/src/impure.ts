import { of } from 'rxjs';
import { z } from 'zod';

export const all = { of, z };
