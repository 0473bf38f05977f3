/**
 * The time that the tables store for rows of a file without times. It has no meaning: sources.yaml declares
 * `visits.noTime`, so that runs train on all visits and hold none back as out of time.
 */
export const NO_TIME_INSTANT = '2000-01-01T00:00:00Z';
