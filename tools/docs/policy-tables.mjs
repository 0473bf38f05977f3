import { code, table } from './markdown.mjs';

/** The rule of each policy setting; a setting without one fails the check. */
const SETTINGS_OF = {
  R1: ['window', 'windowThresholds', 'rangeDays', 'outOfTimeDays', 'minSales'],
  R2: ['maxPositives', 'negativesPerPositive', 'outOfTimeMaxPositives', 'outOfTimeMaxNegatives', 'detrend'],
  R4: ['scaler', 'maxFeatures'],
  R5: ['grid', 'epochs', 'search', 'searchTrials'],
  R6: ['minOutOfTimeGoals', 'repair', 'repairGoals'],
  R13: ['pool', 'groupsInFlight', 'deadlineSeconds'],
};

/**
 * @param {Readonly<Record<string, { meaning: string, unit: string, default: unknown, range: string }>>} fields
 * @returns {Record<string, string>} tables by region
 */
export function policyTables(fields) {
  refuseForgotten(Object.keys(fields));
  return Object.fromEntries(
    Object.entries(SETTINGS_OF).map(([rule, names]) => [
      `policy-${rule.toLowerCase()}`,
      table(
        ['setting', 'default', 'unit', 'range', 'meaning'],
        names.map((name) => {
          const field = fields[name];
          if (!field) throw new Error(`no setting ${name} any more: correct tools/docs/policy-tables.mjs`);
          return [code(name), code(field.default), field.unit, field.range, field.meaning];
        }),
      ),
    ]),
  );
}

/** @param {readonly string[]} names */
function refuseForgotten(names) {
  const told = new Set(Object.values(SETTINGS_OF).flat());
  const forgotten = names.filter((name) => !told.has(name));
  if (forgotten.length > 0)
    throw new Error(
      `${forgotten.join(', ')}: name the rule that it belongs to in tools/docs/policy-tables.mjs`,
    );
}
