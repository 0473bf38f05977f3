export { DEFAULT_VERDICT_RULES, parseVerdictRules, type VerdictRules } from './verdict/verdict-rules';
