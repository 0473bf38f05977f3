/**
 * What each folder of tools offers to the others and to the commands in tools/.
 *
 * @type {import('./rules.mjs').ToolEntries}
 */
export const TOOL_ENTRIES = {};
