import type { StageSummary } from '@factory/ledger';

/** The output of the unit of a stage that was done last; undefined if there is none. */
export function lastOutput(
  stages: readonly StageSummary[],
  stage: string,
): Readonly<Record<string, unknown>> | undefined {
  const done = stages.filter((one) => one.stage === stage && one.status === 'done' && one.output);
  const latest = done.sort((a, b) => (a.settledAt?.getTime() ?? 0) - (b.settledAt?.getTime() ?? 0)).at(-1);
  return latest?.output ?? undefined;
}

/** A field of something read from JSON. */
export function fieldOf(holder: unknown, field: string): unknown {
  return typeof holder === 'object' && holder !== null && Object.hasOwn(holder, field)
    ? (holder as Record<string, unknown>)[field]
    : undefined;
}
