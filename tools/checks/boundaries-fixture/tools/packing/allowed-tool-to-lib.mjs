import * as domain from '@factory/domain';

export const used = domain;
