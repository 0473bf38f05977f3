import * as domain from '../../libs/domain/src/index';

export const borrowed = domain;
