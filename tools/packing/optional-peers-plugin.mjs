/**
 * Packages require optional ones inside try blocks (Nest's other transports): those not installed are left out.
 *
 * @type {import('esbuild').Plugin}
 */
export const optionalPeersPlugin = {
  name: 'optional-peers',
  setup({ onResolve, resolve: lookUp }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === 'asked' || path.startsWith('node:') || !importer.includes('node_modules')) return;
      const found = await lookUp(path, { importer, resolveDir, kind, pluginData: 'asked' });
      return found.errors.length > 0 ? { path, external: true } : found;
    });
  },
};
