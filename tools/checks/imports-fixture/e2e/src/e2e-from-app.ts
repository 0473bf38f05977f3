export const asked = async () => (await import('../../apps/till/src/main')).TILL;
