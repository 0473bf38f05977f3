import { ensurePackages } from './install/ensure-packages.mjs';
import { buildApps } from './packing/build-apps.mjs';

await ensurePackages();
const apps = await buildApps().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
console.log(`built ${apps.join(', ')} into dist/apps`);
