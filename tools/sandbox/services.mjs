/** Every service, in the order of a retrain. */
export const SERVICES = ['data-prep', 'sampling', 'trainer', 'evaluator', 'publisher'];
