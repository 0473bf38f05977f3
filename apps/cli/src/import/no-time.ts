/**
 * When the rows of a file without times happened, as far as the tables are concerned. It says nothing: sources.yaml
 * declares `visits.noTime`, so that runs take all visits for training and hold none back as out of time.
 */
export const NO_TIME_INSTANT = '2000-01-01T00:00:00Z';
