// npm run check: every link and every path of the documentation leads to something that is there.
import { linkFaults } from './link-faults.mjs';
import { RepositoryPaths, repositoryFiles, textOf } from './repository-paths.mjs';

const files = await repositoryFiles();
const paths = new RepositoryPaths(files);
const pages = files.filter((file) => file.endsWith('.md') && !file.includes('fixture'));
const faults = pages.flatMap((path) => linkFaults({ path, text: textOf(path) ?? '' }, paths));
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
